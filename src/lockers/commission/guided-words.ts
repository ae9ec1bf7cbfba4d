import { refused, unreachable } from '../../kernel/problem.ts'
import type { Door } from '../locker.ts'

const name = ({ board, channel }: Door): string => `${board}/${channel}`

/** The page shows what was; somebody, or the same press once more, has gone on from there. */
export const movedOn = refused('locker-setup-moved-on', {
  zh: '这一步已经做过了，画面已更新；没有再做一次。',
  en: 'This step has been done already; the page is up to date now, and nothing was done twice.',
})
export const notNow = refused('locker-setup-not-now', {
  zh: '现在还不能做这一步。',
  en: 'This step cannot be taken now.',
})
export const noBoardsChosen = refused('locker-setup-no-boards', {
  zh: '没有可以继续的锁控板。请检查接线（A、B 两线是否接反）、波特率、地址拨码和串口服务器，再找一次。',
  en: 'There is no board to go on with. Look at the wiring (A and B swapped?), baud rate, DIP switches and serial server, then look again.',
})
export const noSuchChannel = refused('locker-setup-no-channel', {
  zh: '没有这一路。',
  en: 'There is no such channel.',
})
export const doorHolds = (door: Door) =>
  refused('locker-door-holds', {
    zh: `${name(door)} 的门里有读者的书，或还不知道里面有没有：不开。`,
    en: `Behind ${name(door)} lie somebody's books, or nobody knows: it stays shut.`,
  })
export const labelTaken = (label: string) =>
  refused('locker-label-taken', {
    zh: `门号 ${label} 已经用在另一路上了。`,
    en: `The label ${label} is taken by another channel.`,
  })
export const noSuchWiring = refused('locker-setup-no-wiring', {
  zh: '没有这种接法，或已经排除。',
  en: 'There is no such wiring, or it has been ruled out.',
})
export const nothingRead = unreachable('locker-no-answer', {
  zh: '一块板也没有读到：请看电源和线路，再试一次。',
  en: 'No board could be read: look at power and line, and try again.',
})
