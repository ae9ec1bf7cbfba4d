import { type Problem, refused, unreachable, type Words } from '../../kernel/problem.ts'
import type { Purpose } from '../store/locker-tables.ts'

type Labelled = (label: string) => Words

/** What the screen says while the door stands open. */
export const openWords: Record<Purpose, Labelled> = {
  collect: label => ({
    zh: `${label} 号门已打开，请取出图书，然后关好门。`,
    en: `Door ${label} is open. Take your books and close the door.`,
  }),
  deposit: label => ({
    zh: `${label} 号门已打开，请放入包裹，然后关好门。`,
    en: `Door ${label} is open. Put the parcel in and close the door.`,
  }),
  return: label => ({
    zh: `${label} 号门已打开，请放入图书，关好门后即为归还。`,
    en: `Door ${label} is open. Put the book in; it counts as returned when the door is closed.`,
  }),
  recover: label => ({
    zh: `${label} 号门已打开，请收回过期包裹，然后关好门。`,
    en: `Door ${label} is open. Take the uncollected parcel out and close the door.`,
  }),
  empty: label => ({
    zh: `${label} 号门已打开，请取出还书，然后关好门。`,
    en: `Door ${label} is open. Take the returned books out and close the door.`,
  }),
  service: label => ({ zh: `${label} 号门已打开。`, en: `Door ${label} is open.` }),
  again: label => ({
    zh: `${label} 号门已再次打开，请确认后关好门。`,
    en: `Door ${label} is open once more. Look inside and close the door.`,
  }),
}

/** What the screen says when the visit is over, by its outcome. */
export const outcomeWords: Record<string, Words> = {
  collected: { zh: '取书完成，祝您阅读愉快。', en: 'Done. Enjoy your books.' },
  loaded: { zh: '已存入，读者将收到取件码。', en: 'Stored. The reader is being sent a code.' },
  returned: { zh: '还书完成，归还时间已记录。', en: 'Returned; the time has been recorded.' },
  recovered: { zh: '已收回。', en: 'Taken back.' },
  emptied: { zh: '已清空。', en: 'Emptied.' },
  closed: { zh: '门已关好。', en: 'The door is closed.' },
  'nothing-in': { zh: '没有放入物品，格口已关好。', en: 'Nothing was put in; the door is closed.' },
  'still-inside': {
    zh: '图书还在里面，请重新输入取件码。',
    en: 'The books are still inside; type your code again.',
  },
  'check-inside': {
    zh: '门已关好，馆员会来检查。',
    en: 'The door is closed; a librarian will look inside.',
  },
  'wrong-item': {
    zh: '谢谢，馆员会来查看，尽快把您的书换好。',
    en: 'Thank you. A librarian will look and bring you the right books.',
  },
  'not-opened': { zh: '门没有打开。', en: 'The door did not open.' },
  moved: { zh: '已换到另一个格口。', en: 'Another compartment was opened instead.' },
}

export const jammedWords: Labelled = label => ({
  zh: `${label} 号门没有打开，再试一次，换一个门，或叫馆员。`,
  en: `Door ${label} did not open. Try again, take another door, or call a librarian.`,
})
export const jammedInside: Labelled = label => ({
  zh: `${label} 号门没有打开，书在里面。请再试一次，或叫馆员；取件码仍然有效。`,
  en: `Door ${label} did not open and your books are inside. Try again or call a librarian; your code stays valid.`,
})
export const takeItAlong: Words = {
  zh: '好的，请把物品带走并关好门；放不下的包裹请交给柜台。',
  en: 'Then take it along and close the door; a parcel that does not fit goes to the desk.',
}
export const putItBack = (phone: string): Words => ({
  zh: `请把书放回去并关好门，馆员会来查看。也可拨打 ${phone}。`,
  en: `Please put the books back and close the door; a librarian will look. You may also call ${phone}.`,
})
export const unclearWords: Labelled = label => ({
  zh: `与书柜的联系中断，不能确定 ${label} 号门是否打开。若门已打开，请照常使用并关好门。`,
  en: `The line to the locker broke; door ${label} may or may not have opened. If it did, go on and close it.`,
})
export const staffCalled = (phone: string): Words => ({
  zh: `已通知馆员，也可拨打 ${phone}。`,
  en: `A librarian has been told; you may also call ${phone}.`,
})
export const waitingForDoor: Words = { zh: '请关好门。', en: 'Please close the door.' }
export const lookingForDoor: Words = { zh: '正在开门，请稍候。', en: 'The door is being opened.' }

/** What staff must look at, by the code kept with the compartment. */
export const alarmWords: Record<string, Words> = {
  jammed: { zh: '门打不开', en: 'the door does not open' },
  forced: { zh: '门被强行打开，请检查物品', en: 'the door was forced; look what is inside' },
  'opened-unseen': {
    zh: '断电或断网期间门被打开，请检查物品',
    en: 'the door was opened while power or network was away; look what is inside',
  },
  'open-too-long': { zh: '门长时间未关', en: 'the door has been open too long' },
  'check-inside': {
    zh: '不能确定里面有没有物品，请检查',
    en: 'it is not certain what is inside; look',
  },
  'staff-called': { zh: '读者请求帮助', en: 'somebody asked for help' },
  'wrong-item': {
    zh: '读者说里面不是自己的书，请检查',
    en: 'a reader says that the books inside are not theirs; look',
  },
  tamper: { zh: '书柜被撬动或机箱被打开', en: 'the cabinet was tampered with' },
  'events-lost': {
    zh: '离线期间的部分开门记录丢失，请检查各格口',
    en: 'some records of the time without a line are lost; look into the compartments',
  },
}
export const boardSilentWords = (board: number): Words => ({
  zh: `${board} 号锁控板没有应答，请检查电源和网络`,
  en: `board ${board} does not answer; look at its power and its line`,
})

export const underMaintenance = (phone: string): Problem =>
  refused('under-maintenance', {
    zh: `书柜正在维护，暂停使用。急需取书请联系馆员：${phone}。`,
    en: `The locker is being serviced and takes a break. For your books call a librarian: ${phone}.`,
  })
export const lockerAway = refused('locker-offline', {
  zh: '书柜暂时联系不上或正在维护，包裹改放柜台。',
  en: 'The locker cannot be reached or is being serviced; the parcel goes to the desk.',
})
export const samePerson = refused('same-person', {
  zh: '一次打开多个柜门须由另一位馆员同意。',
  en: 'Opening many doors needs the consent of a second librarian.',
})
export const unknownBulk = refused('unknown-bulk-opening', {
  zh: '没有这个批量开门申请。',
  en: 'There is no such wish to open many doors.',
})
export const bulkOver = refused('bulk-opening-over', {
  zh: '申请已过期，请重新提出。',
  en: 'The wish is too old; ask anew.',
})
export const bulkDecided = refused('bulk-opening-decided', {
  zh: '已有人处理了这个申请。',
  en: 'Somebody has decided on it already.',
})
export const nothingChosen = refused('nothing-chosen', {
  zh: '请选择要打开的格口。',
  en: 'Choose the compartments to open.',
})

export const unknownLocker = refused('unknown-locker', {
  zh: '没有这个书柜。',
  en: 'There is no such locker.',
})
export const unknownCompartment = refused('unknown-compartment', {
  zh: '书柜没有这个格口。',
  en: 'The locker has no such compartment.',
})
export const unknownVisit = refused('unknown-visit', {
  zh: '本次操作已结束，请重新开始。',
  en: 'This visit is over; please begin anew.',
})
export const lockerFull = refused('locker-full', {
  zh: '书柜没有合适的空格口。',
  en: 'The locker has no free compartment that fits.',
})
export const doorInUse = refused('door-in-use', {
  zh: '这个格口正在使用，请稍候。',
  en: 'Somebody is at this door just now; wait a moment.',
})
export const nothingThere = refused('nothing-there', {
  zh: '这个格口里没有可取的包裹。',
  en: 'There is nothing in this compartment to be taken out.',
})
export const reasonMissing = refused('reason-missing', {
  zh: '开门必须写明原因。',
  en: 'An opening needs a reason.',
})
export const wrongCode = refused('wrong-code', {
  zh: '取件码不对，请核对后重新输入。',
  en: 'This code is not right; look at it again.',
})
export const codeUsed = refused('code-used', {
  zh: '这个取件码已经用过。',
  en: 'This code has been used.',
})
export const codeExpired = refused('code-expired', {
  zh: '取件码已过期，包裹由馆员收回，请联系图书馆。',
  en: 'This code has expired; ask the library for your parcel.',
})
export const otherLocker = refused('code-of-other-locker', {
  zh: '这个二维码属于另一个书柜，请核对取书地点。',
  en: 'This QR code belongs to another locker; look where your parcel is.',
})
export const alreadyReturned = refused('already-returned', {
  zh: '这本书已经还入书柜。',
  en: 'This book has been returned into a locker already.',
})
export const mayNotChange = refused('visit-may-not-change', {
  zh: '包裹已存好，换格口请联系馆员。',
  en: 'The parcel is stored; ask a librarian to move it.',
})
export const bookIsBehindIt = refused('book-is-behind-it', {
  zh: '您的书就在这个门里，请再试一次或叫馆员。',
  en: 'Your books are behind this very door: try again, or call a librarian.',
})
export const lineElsewhere = unreachable('locker-line-elsewhere', {
  zh: '柜门暂时不能打开：线路正在调试，或正由另一个进程管理。请稍后再试。',
  en: 'No door can be opened for the moment: the line is being set up, or another process holds it. Try again later.',
})
export const lostTrack = unreachable(
  'locker-lost-track',
  {
    zh: '系统暂时无法记录，不能确定柜门是否打开。',
    en: 'The system cannot keep its records just now; whether the door opened is not certain.',
  },
  { maybeDone: true },
)
export const keypadLocked = (seconds: number): Problem => ({
  ...refused('keypad-locked', {
    zh: `输错次数过多，请在 ${waitZh(seconds)}后再试，或用二维码取书。`,
    en: `Too many wrong codes. Try again in ${waitEn(seconds)}, or use your QR code.`,
  }),
  retry: 'later',
})

const waitZh = (seconds: number): string =>
  seconds < 60 ? `${seconds} 秒` : `${Math.ceil(seconds / 60)} 分钟`
const waitEn = (seconds: number): string =>
  seconds < 60 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
