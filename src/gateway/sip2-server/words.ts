import type { Words } from '../../kernel/problem.ts'

/** What machines are told by the gateway itself, short enough for their screens. */
export const words = {
  away: {
    zh: '图书馆系统暂时连不上，请稍后再试。',
    en: 'The library system is away; please try again later.',
  },
  slow: {
    zh: '图书馆系统没有及时答复，请稍后再试或找馆员。',
    en: 'The library system did not answer in time; try again or ask a librarian.',
  },
  unsure: {
    zh: '无法确认是否已办理，请找馆员核对。',
    en: 'It cannot be told whether this was done; please ask a librarian.',
  },
  notOffered: { zh: '这里不能办理这项业务。', en: 'This is not offered here.' },
  malformed: { zh: '请求不完整，没有办理。', en: 'The request was incomplete; nothing was done.' },
  broken: { zh: '系统出错，没有办理，请找馆员。', en: 'Something went wrong; please ask a librarian.' },
  noted: {
    zh: '图书馆系统暂时离线，已记下，稍后自动补办。',
    en: 'The library system is away; this was noted and will be entered later.',
  },
  notedByStaff: { zh: '已记下，馆员会在系统中办理。', en: 'Noted; staff will enter it.' },
  pinUnchecked: {
    zh: '图书馆系统离线，未核对密码。',
    en: 'The library system is away; the PIN was not checked.',
  },
  pinLocked: { zh: '密码错误次数过多，请稍后再试。', en: 'Too many wrong PINs; please try again later.' },
  wrongPin: { zh: '密码不对。', en: 'The PIN is wrong.' },
  unknownCard: { zh: '没有这张读者证。', en: 'This card is not known.' },
  unknownItem: { zh: '没有这本书的记录。', en: 'This item is not known.' },
  heldForOther: {
    zh: '这本书已由其他读者预约，请交给馆员。',
    en: 'This item is reserved for another reader.',
  },
  beingPrepared: {
    zh: '这本书正在为您备书，请找馆员。',
    en: 'This item is being prepared for you; ask a librarian.',
  },
  handOver: { zh: '这本书请交给馆员处理。', en: 'Please hand this item to a librarian.' },
  inLocker: { zh: '自助柜', en: 'the locker' },
  holdHere: { zh: '预约书已到，请上预约架。', en: 'On hold here: put it on the hold shelf.' },
  collected: { zh: '预约书已取，祝阅读愉快。', en: 'Your reserved item is yours; enjoy it.' },
  undo: {
    zh: '网上借阅的书不能在这里撤销，请找馆员。',
    en: 'An online loan cannot be undone here; ask a librarian.',
  },
  notCollected: { zh: '逾期未取，请取出交馆员。', en: 'Not collected in time: take it out for the staff.' },
  cancelled: { zh: '已取消网上借阅。', en: 'The online request has been cancelled.' },
  tooLate: { zh: '现在已不能取消。', en: 'It is too late to cancel this.' },
} satisfies Record<string, Words>

/** A frozen reader is told until when. */
export const frozenWords = (day: string): Words => ({
  zh: `借阅资格暂停至 ${day}，还书不受影响。`,
  en: `Borrowing is suspended until ${day}; returns are welcome.`,
})

/** Where a reserved book waits, and how long. */
export const readyWords = (title: string, place: Words, day: string | undefined): Words => ({
  zh: `《${title}》在${place.zh}待取${day === undefined ? '' : `，请于 ${day} 前取`}。`,
  en: `"${title}" waits at ${place.en}${day === undefined ? '' : ` until ${day}`}.`,
})

export const sendTo = (place: Words): Words => ({ zh: `请送往：${place.zh}。`, en: `Send to: ${place.en}.` })

/** Codes of Chinese; all other readers get English. */
const chinese: ReadonlySet<string> = new Set(['019', '027'])

/** The sentence in a machine's language; `000` and what is no code mean the account's own. */
export const inLanguage = (say: Words, language: string): string => (chinese.has(language) ? say.zh : say.en)
