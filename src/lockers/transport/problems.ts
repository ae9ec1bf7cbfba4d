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
/** An answer came, but of another board or to another question: two boards with one address, or a second asker. */
export const foreign = (acts: boolean, heard: string): Problem =>
  garbled(
    'locker-answer-foreign',
    {
      zh: '收到的是另一块锁控板或另一条指令的应答；请检查拨码地址是否重复、是否另有主机在同一条线上。',
      en: 'What came answers another board or another question; look for two boards with one address, or a second host on the line.',
    },
    { their: { text: heard }, ...(acts ? { maybeDone: true } : {}) },
  )
