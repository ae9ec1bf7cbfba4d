import type { Words } from '../../kernel/problem.ts'

/** What a notice may speak of, already in words people use. No names, no codes, no addresses. */
export interface NoticeFacts {
  readonly title: string
  /** Where it lies ready: a locker's or a branch's name. */
  readonly place: Words | null
  /** `11月24日 17:00` / `24 Nov 17:00`. */
  readonly until: Words | null
  readonly due: Words | null
  /** The library that sends another copy, when it is not the reader's own. */
  readonly supplier: Words | null
  /** Why somebody refused, in their own words, or null. */
  readonly reason: string | null
}

interface NoticeText {
  readonly title: Words
  body(facts: NoticeFacts): Words
}

const at = (place: Words | null, or: Words): Words => place ?? or
const locker = { zh: '自助柜', en: 'the locker' }
const desk = { zh: '分馆柜台', en: 'the branch desk' }
const until = (facts: NoticeFacts): Words =>
  facts.until
    ? { zh: `请在${facts.until.zh}前来取。`, en: `Please collect it by ${facts.until.en}.` }
    : { zh: '请尽快来取。', en: 'Please collect it soon.' }
const due = (facts: NoticeFacts): Words =>
  facts.due ? { zh: `请在${facts.due.zh}前归还。`, en: `It is due on ${facts.due.en}.` } : { zh: '', en: '' }
const because = (facts: NoticeFacts): Words =>
  facts.reason
    ? { zh: `图书馆系统的说明：${facts.reason}。`, en: `The library system says: ${facts.reason}.` }
    : { zh: '', en: '' }

/** What readers are told: what happened, what it means, what to do. */
export const notices = {
  'not-entitled': {
    title: { zh: '这次没有借成', en: 'This could not be borrowed' },
    body: f => ({
      zh: `《${f.title}》没有借成：你的证暂时不能借书。${because(f).zh}费用和名额已退回，处理后可以再借。`,
      en: `"${f.title}" was not lent: your card cannot borrow at the moment. ${because(f).en} Fee and quota were given back; you can order again once it is settled.`,
    }),
  },
  'looking-elsewhere': {
    title: { zh: '正在换一本找', en: 'Looking for another copy' },
    body: f => ({
      zh: `没找到《${f.title}》的这一本，我们正在找另一本，找到就告诉你。你不用做什么。`,
      en: `That copy of "${f.title}" was not there. We are looking for another one and will tell you; there is nothing you need to do.`,
    }),
  },
  'another-copy': {
    title: { zh: '另找到一本', en: 'Another copy was found' },
    body: f => ({
      zh: f.supplier
        ? `我们已向${f.supplier.zh}要了一本《${f.title}》，会比原定晚一点到。`
        : `《${f.title}》另有一本，已经在办，会比原定晚一点到。`,
      en: f.supplier
        ? `We asked ${f.supplier.en} for a copy of "${f.title}"; it will come a little later than promised.`
        : `There is another copy of "${f.title}", and it is on its way; it will come a little later than promised.`,
    }),
  },
  'not-supplied': {
    title: { zh: '这本书没能借到', en: 'We could not supply this book' },
    body: f => ({
      zh: `很抱歉，各馆都没有能借的《${f.title}》。这一册不占你的名额；整单都没借到时，费用已退回。`,
      en: `We are sorry: no library has a copy of "${f.title}" to lend now. It does not count towards your limit, and if nothing of the order could be supplied the fee was given back.`,
    }),
  },
  'checkout-refused': {
    title: { zh: '借出时遇到问题', en: 'The check-out met a problem' },
    body: f => ({
      zh: `《${f.title}》已经找到，但系统暂时不能借给你。${because(f).zh}馆员正在处理，书先为你留着。`,
      en: `"${f.title}" was found, but the library system will not lend it to you yet. ${because(f).en} A librarian is looking into it; the book is kept for you.`,
    }),
  },
  shipped: {
    title: { zh: '书已寄出', en: 'Your book is on its way' },
    body: f => ({ zh: `《${f.title}》已经寄出。`, en: `"${f.title}" has been sent.` }),
  },
  'ready-in-locker': {
    title: { zh: '书到了，可以取了', en: 'Ready to collect' },
    body: f => ({
      zh: `《${f.title}》在${at(f.place, locker).zh}。取书码在订单页。${until(f).zh}`,
      en: `"${f.title}" is in ${at(f.place, locker).en}. The pick-up code is on the order's page. ${until(f).en}`,
    }),
  },
  'ready-at-branch': {
    title: { zh: '书到了，可以取了', en: 'Ready to collect' },
    body: f => ({
      zh: `《${f.title}》在${at(f.place, desk).zh}，报读者证即可取。${until(f).zh}`,
      en: `"${f.title}" is at ${at(f.place, desk).en}; show your card. ${until(f).en}`,
    }),
  },
  'moved-to-desk': {
    title: { zh: '请到柜台取书', en: 'Please collect it at the desk' },
    body: f => ({
      zh: `自助柜出了点问题，《${f.title}》改放在${at(f.place, desk).zh}。给你添麻烦了。${until(f).zh}`,
      en: `There was a problem with the locker: "${f.title}" is now at ${at(f.place, desk).en}. Sorry for the trouble. ${until(f).en}`,
    }),
  },
  'to-the-desk': {
    title: { zh: '改到柜台取书', en: 'It will be at the desk' },
    body: f => ({
      zh: `自助柜暂时不能用，《${f.title}》改送${at(f.place, desk).zh}。到了会再通知你，现在不用做什么。`,
      en: `The locker is out of use for now, so "${f.title}" goes to ${at(f.place, desk).en}. We tell you when it is there; there is nothing to do yet.`,
    }),
  },
  'no-place': {
    title: { zh: '改到柜台取书', en: 'It will be at the desk' },
    body: f => ({
      zh: `自助柜没有空位了，《${f.title}》改送${at(f.place, desk).zh}。到了会再通知你，现在不用做什么。`,
      en: `There is no room left in the locker, so "${f.title}" goes to ${at(f.place, desk).en}. We tell you when it is there; there is nothing to do yet.`,
    }),
  },
  // Of the cabinet, not of one book: told once, whatever a reader has in it (`save.ts`).
  'locker-away': {
    title: { zh: '自助柜暂时联系不上', en: 'The locker is out of reach' },
    body: f => ({
      zh: `你在${at(f.place, locker).zh}里的书是安全的，但柜门现在可能打不开。出门前请先等恢复通知，急用请联系图书馆。`,
      en: `What waits for you in ${at(f.place, locker).en} is safe, but its doors may not open just now. Wait for our word before you set out, or call the library.`,
    }),
  },
  'locker-back': {
    title: { zh: '自助柜恢复了', en: 'The locker works again' },
    body: f => ({
      zh: `可以去${at(f.place, locker).zh}取书了。${until(f).zh}`,
      en: `You can collect your books from ${at(f.place, locker).en} again. ${until(f).en}`,
    }),
  },
  'door-works': {
    title: { zh: '柜门修好了', en: 'The door works again' },
    body: f => ({
      zh: `可以去${at(f.place, locker).zh}取《${f.title}》了。${until(f).zh}`,
      en: `You can collect "${f.title}" from ${at(f.place, locker).en} now. ${until(f).en}`,
    }),
  },
  'pickup-reminder': {
    title: { zh: '书还在等你', en: 'Your book is waiting' },
    body: f => ({
      zh: `《${f.title}》还在${at(f.place, locker).zh}等你。${until(f).zh}`,
      en: `"${f.title}" is still waiting at ${at(f.place, locker).en}. ${until(f).en}`,
    }),
  },
  'pickup-expired': {
    title: { zh: '取书时间已过', en: 'The pick-up time is over' },
    body: f => ({
      zh: `《${f.title}》的取书时间过了，书会收回给下一位读者。还想看，可以再借一次。`,
      en: `The pick-up time of "${f.title}" is over and it goes to the next reader. You can order it again.`,
    }),
  },
  'door-jammed': {
    title: { zh: '柜门没有打开', en: 'The door did not open' },
    body: f => ({
      zh: `《${f.title}》所在的柜门没打开，馆员正在处理。书还是你的，不用着急。`,
      en: `The door in front of "${f.title}" did not open; a librarian is looking into it. The book stays yours.`,
    }),
  },
  delivered: {
    title: { zh: '书已送到', en: 'Your book has arrived' },
    body: f => ({
      zh: `《${f.title}》已送到。${due(f).zh}`,
      en: `"${f.title}" has been delivered. ${due(f).en}`,
    }),
  },
  'lost-on-the-way': {
    title: { zh: '书在路上丢了', en: 'The parcel was lost on the way' },
    body: f => ({
      zh: `很抱歉，快递把《${f.title}》弄丢了，与你无关。我们马上为你另找一本。`,
      en: `We are sorry: the carrier lost "${f.title}". It is not your fault, and we are getting you another copy.`,
    }),
  },
  'sent-again': {
    title: { zh: '马上为你重寄', en: 'We are sending it again' },
    body: f => ({
      zh: `《${f.title}》在路上出了问题，与你无关。我们马上重寄，不另收费。`,
      en: `Something went wrong with "${f.title}" on its way; it is not your fault. It is sent again at once and costs you nothing.`,
    }),
  },
  'sent-back': {
    title: { zh: '包裹退回了图书馆', en: 'The parcel came back' },
    body: f => ({
      zh: `《${f.title}》没能送到你手里，已退回图书馆。请核对地址后再借一次。`,
      en: `"${f.title}" could not be handed to you and came back to the library. Please check the address and order again.`,
    }),
  },
  'wrong-item': {
    title: { zh: '给错了书，抱歉', en: 'Sorry, that was the wrong book' },
    body: f => ({
      zh: `你拿到的不是《${f.title}》，是我们放错了。错的那本请交给柜台，我们马上补上对的。`,
      en: `What you got is not "${f.title}": our mistake. Please hand the wrong book in at the desk; the right one is being sent.`,
    }),
  },
  renewed: {
    title: { zh: '续借成功', en: 'Renewed' },
    body: f => ({
      zh: `《${f.title}》已续借。${due(f).zh}`,
      en: `"${f.title}" was renewed. ${due(f).en}`,
    }),
  },
  'renewal-refused': {
    title: { zh: '没能续借', en: 'It could not be renewed' },
    body: f => ({
      zh: `《${f.title}》没能续借。${because(f).zh}${due(f).zh}`,
      en: `"${f.title}" could not be renewed. ${because(f).en} ${due(f).en}`,
    }),
  },
  'due-soon': {
    title: { zh: '快到还书日了', en: 'Due soon' },
    body: f => ({
      zh: `《${f.title}》快到期了。${due(f).zh}可以在订单页续借，或约还书。`,
      en: `"${f.title}" is due soon. ${due(f).en} You can renew it or arrange the return on the order's page.`,
    }),
  },
  'handed-in': {
    title: { zh: '书已交回', en: 'Handed in' },
    body: f => ({
      zh: `已收下《${f.title}》，借期算到此刻为止。`,
      en: `"${f.title}" was taken in; your loan ends at this moment.`,
    }),
  },
  returned: {
    title: { zh: '还书办好了', en: 'Returned' },
    body: f => ({ zh: `《${f.title}》已还清，谢谢。`, en: `"${f.title}" is checked in. Thank you.` }),
  },
  'return-lost-on-the-way': {
    title: { zh: '还书途中丢失，不怪你', en: 'Lost on its way back, not by you' },
    body: f => ({
      zh: `快递在还书途中弄丢了《${f.title}》。你已交出，不会算你逾期或赔偿。`,
      en: `The carrier lost "${f.title}" on its way back. You had handed it over: nothing is overdue and nothing is owed.`,
    }),
  },
  'transfer-refused': {
    title: { zh: '没能转借', en: 'It could not be passed on' },
    body: f => ({
      zh: `《${f.title}》没能转借，仍在你名下。${because(f).zh}`,
      en: `"${f.title}" could not be passed on and is still on your card. ${because(f).en}`,
    }),
  },
  'passed-on': {
    title: { zh: '已转借给另一位读者', en: 'Passed on to another reader' },
    body: f => ({
      zh: `《${f.title}》已转到另一位读者名下，你这边已还清。`,
      en: `"${f.title}" is now on another reader's card; yours is clear.`,
    }),
  },
  'taken-over': {
    title: { zh: '转借成功', en: 'You have taken over a loan' },
    body: f => ({
      zh: `《${f.title}》已借到你名下。${due(f).zh}`,
      en: `"${f.title}" is now on your card. ${due(f).en}`,
    }),
  },
  'lost-settled': {
    title: { zh: '丢书已处理', en: 'The lost book is settled' },
    body: f => ({
      zh: `《${f.title}》的丢失已处理完毕。`,
      en: `The loss of "${f.title}" is settled.`,
    }),
  },
  cancelled: {
    title: { zh: '已取消', en: 'Cancelled' },
    body: f => ({
      zh: `《${f.title}》已取消；整单都未寄出时，费用已退回。`,
      en: `"${f.title}" was cancelled; if nothing of the order had been sent, the fee was given back.`,
    }),
  },
} satisfies Record<string, NoticeText>

export type NoticeName = keyof typeof notices

/** Title and body of a notice in both languages. */
export const noticeWords = (name: NoticeName, facts: NoticeFacts): { title: Words; body: Words } => {
  const text: NoticeText = notices[name]
  const body = text.body(facts)
  return { title: text.title, body: { zh: tidy(body.zh), en: tidy(body.en) } }
}

const tidy = (text: string): string => text.replace(/ {2,}/g, ' ').trim()
