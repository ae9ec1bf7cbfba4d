import { refused } from '../../kernel/problem.ts'

export const noHereCode = refused('no-here-code', {
  zh: '这不是书柜屏幕上的二维码，请扫屏幕上的那一个。',
  en: 'This is not the code on the locker’s screen; scan the one that stands there.',
})
export const hereCodeStale = refused('here-code-stale', {
  zh: '屏幕上的二维码半分钟一换，这一个已经过时，请再扫一次。',
  en: 'The code on the screen changes every half minute and this one is over; scan it again.',
})
export const hereCodeUsed = refused('here-code-used', {
  zh: '这个二维码刚刚有人用过，请扫屏幕上新的那一个。',
  en: 'Somebody has just used this code; scan the new one on the screen.',
})
export const otherPhone = refused('somebody-is-served', {
  zh: '前面一位读者正用手机取还书，请等屏幕上再出现二维码，或在屏幕上输入取书码。',
  en: 'Another reader is being served by phone. Wait until the screen shows a code again, or type your pick-up code there.',
})
export const notHere = refused('not-at-a-locker', {
  zh: '请先扫书柜屏幕上的二维码，证明您在柜前。',
  en: 'First scan the code on the locker’s screen, so that we know that you stand before it.',
})
export const shutFirst = (label: string) =>
  refused('door-still-open', {
    zh: `请先关好 ${label} 号门，再开下一个。`,
    en: `Close door ${label} first, then open the next.`,
  })
export const notYours = refused('not-your-book', {
  zh: '这里没有您的这本书。',
  en: 'No such book of yours is here.',
})
