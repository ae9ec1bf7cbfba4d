import { garbled, type Problem, unreachable } from '../../kernel/problem.ts'

/** Nothing was sent. */
export const lineDown: Problem = unreachable('locker-line-down', {
  zh: '与书柜的线路已断开，正在重新连接。',
  en: 'The line to the locker is down; it is being dialled again.',
})
/** Nothing was sent. */
export const lineBusy: Problem = unreachable('locker-line-busy', {
  zh: '书柜线路繁忙，请稍后再试。',
  en: 'The line to the locker is busy; try again in a moment.',
})
export const cutOff = (acts: boolean): Problem =>
  unreachable(
    'locker-line-down',
    { zh: '书柜应答之前线路断开。', en: 'The line to the locker broke before the answer came.' },
    acts ? { maybeDone: true } : {},
  )
export const noAnswer = (acts: boolean): Problem =>
  unreachable(
    'locker-no-answer',
    { zh: '书柜的锁控板没有应答。', en: 'The lock board of the locker did not answer.' },
    acts ? { maybeDone: true } : {},
  )
export const unreadable = (acts: boolean, heard: string): Problem =>
  garbled(
    'locker-answer-garbled',
    { zh: '书柜的应答无法读懂。', en: 'What came from the locker could not be read.' },
    { their: { text: heard }, ...(acts ? { maybeDone: true } : {}) },
  )
/** An answer came, but of another board: a wrong switch, or a second asker on the line. */
export const foreign = (acts: boolean, heard: string): Problem =>
  garbled(
    'locker-answer-foreign',
    {
      zh: '应答的是另一块锁控板；请检查拨码地址，以及是否另有主机在同一条线上。',
      en: 'Another board answered; look at the address switches, and for a second host on the line.',
    },
    { their: { text: heard }, ...(acts ? { maybeDone: true } : {}) },
  )
