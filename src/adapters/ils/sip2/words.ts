import {
  garbled,
  misconfigured,
  type Problem,
  refused,
  unreachable,
  type Words,
} from '../../../kernel/problem.ts'

/** What the driver says to people, Chinese first. */
const words = {
  busy: { zh: '图书馆系统繁忙，请稍后再试。', en: 'The library system is busy; please try again shortly.' },
  down: {
    zh: '图书馆系统暂时连接不上，稍后会自动恢复。',
    en: 'The library system cannot be reached at the moment.',
  },
  late: { zh: '图书馆系统没有及时答复。', en: 'The library system did not answer in time.' },
  lost: { zh: '与图书馆系统的连接中断。', en: 'The connection to the library system broke.' },
  garbled: { zh: '图书馆系统的答复无法识别。', en: 'The answer of the library system could not be read.' },
  offline: { zh: '图书馆系统报告自己未在线。', en: 'The library system says that it is not on-line.' },
  login: { zh: '图书馆系统拒绝了本系统的登录。', en: 'The library system refused our login.' },
  notServed: { zh: '该图书馆系统不支持此项操作。', en: 'This library system does not offer that.' },
  cannotTell: {
    zh: '无法确认图书馆系统是否已办理，请工作人员核对。',
    en: 'It cannot be told whether the library system has done it; staff must look.',
  },
  mayBeLentAgain: {
    zh: '这本书在图书馆系统里是借出状态，但不能确定是不是这一笔借阅。请核对后再办还书。',
    en: 'The library system has this item on loan, and it cannot be told whether it is this loan. Please look before taking it back.',
  },
  stopping: { zh: '系统正在停止。', en: 'The gateway is stopping.' },
} satisfies Record<string, Words>

export const busy = (): Problem => unreachable('ils-busy', words.busy)
export const down = (their?: Problem): Problem =>
  unreachable('ils-down', words.down, their === undefined ? {} : { their: { code: their.code } })
/** `opensAt`: the end of the planned closing, told by the clock on the wall of `zone`. */
export const closedHours = (opensAt: number, zone: string): Problem => {
  const at = Temporal.Instant.fromEpochMilliseconds(opensAt).toZonedDateTimeISO(zone)
  const time = `${at.hour}:${String(at.minute).padStart(2, '0')}`
  const say = {
    zh: `图书馆系统正在计划内停机，${at.month} 月 ${at.day} 日 ${time} 恢复后自动办理。`,
    en: `The library system is closed as planned until ${time} on ${at.toPlainDate()}; it goes on by itself then.`,
  }
  return unreachable('ils-closed', say, { notBefore: opensAt })
}
export const waitedTooLong = (): Problem => unreachable('ils-late', words.late)
export const noAnswer = (): Problem => unreachable('ils-no-answer', words.late)
export const lostConnection = (): Problem => unreachable('ils-connection-lost', words.lost)
export const notConnected = (code: string): Problem =>
  unreachable('ils-unreachable', words.down, { their: { code } })
export const unreadable = (text: string): Problem =>
  garbled('ils-garbled', words.garbled, { their: { text } })
export const offline = (): Problem => unreachable('ils-offline', words.offline)
export const stopping = (): Problem => unreachable('ils-stopping', words.stopping)
export const loginRefused = (text: string): Problem =>
  misconfigured('ils-login-refused', words.login, text === '' ? {} : { their: { text } })
export const notServed = (command: string): Problem =>
  refused('ils-not-served', words.notServed, { their: { code: command } })
export const cannotTell = (): Problem => refused('ils-cannot-tell', words.cannotTell, { maybeDone: true })
/** A return that may take back somebody else's newer loan: nothing was done. */
export const mayBeLentAgain = (): Problem => refused('ils-may-be-lent-again', words.mayBeLentAgain)

const refusals = {
  'checkout-refused': { zh: '图书馆系统不同意借出。', en: 'The library system refused the loan.' },
  'checkin-refused': { zh: '图书馆系统不同意还书。', en: 'The library system refused the return.' },
  'renewal-refused': { zh: '图书馆系统不同意续借。', en: 'The library system refused the renewal.' },
  'hold-refused': { zh: '图书馆系统不同意预约。', en: 'The library system refused the hold.' },
  'hold-cancel-refused': {
    zh: '图书馆系统不同意取消预约。',
    en: 'The library system refused to cancel the hold.',
  },
  'fee-refused': { zh: '图书馆系统没有接受缴费。', en: 'The library system did not take the payment.' },
  'block-refused': { zh: '图书馆系统没有停用该证。', en: 'The library system did not block the card.' },
  'enable-refused': { zh: '图书馆系统没有恢复该证。', en: 'The library system did not enable the card.' },
  'item-unknown': { zh: '图书馆系统中没有这本书。', en: 'The library system does not know this item.' },
} satisfies Record<string, Words>
export type Refusal = keyof typeof refusals

/** A refusal with the library system's own words, which must be masked already. */
export const refusal = (code: Refusal, text: string): Problem =>
  refused(code, refusals[code], text === '' ? {} : { their: { text } })
