import type { Words } from '../kernel/problem.ts'
import type { Door } from '../lockers/locker.ts'

const say = (zh: string, en: string): Words => ({ zh, en })
export const doorName = ({ board, channel }: Door): string => `${board}/${channel}`
const doorNames = (doors: readonly Door[]): string => doors.map(doorName).join(' ')

/** What the doctor of lockers says and asks. */
export const words = {
  searching: (from: number, to: number) =>
    say(
      `在线路上找锁控板：地址 ${from} 到 ${to}，只查询，不开门。`,
      `Looking for boards at addresses ${from} to ${to}: questions only, no door moves.`,
    ),
  found: (address: number, channels: number) =>
    say(`找到 ${address} 号板，至多 ${channels} 路。`, `Board ${address}: up to ${channels} channels.`),
  noBoards: say(
    '没有锁控板应答。请检查接线（A、B 两线是否接反）、波特率、地址拨码和串口服务器的端口。',
    'No board answers. Look at the wiring (A and B swapped?), the baud rate, the DIP switches and the port.',
  ),
  echo: say(
    '这台转换器会把发出的字节再送回来；驱动已能识别。',
    'This adapter repeats what it sends; the driver knows how to tell.',
  ),
  rules: say(
    '现在逐个试门。每开一个门都要您亲手输入 o；直接回车不会开门。随时输入 q 停止。',
    'Now the doors, one by one. A door opens only when you type o; Enter alone opens nothing. Type q at any time to stop.',
  ),
  shutAll: say(
    '请关好所有的门，站到柜前，然后回车：',
    'Shut every door, stand before the cabinet, press Enter: ',
  ),
  standOpen: (doors: readonly Door[]) =>
    say(
      `门都关着时，这些路仍报“开”：${doorNames(doors)}（没有接锁，或触点不通）。`,
      `With every door shut these channels still tell "open": ${doorNames(doors)} (no lock there, or a broken contact).`,
    ),
  next: (door: Door) =>
    say(
      `${doorName(door)}：o 开门，回车跳过，板/路 跳到那一路，q 结束：`,
      `${doorName(door)}: o opens it, Enter skips it, board/channel goes there, q ends: `,
    ),
  notThere: say('没有这一路。', 'There is no such channel.'),
  holds: (door: Door) =>
    say(`${doorName(door)} 里有读者的书，不开。`, `${doorName(door)} holds somebody's books: it stays shut.`),
  answered: (told: string, seen: string) =>
    say(`板说：${told}；读到：${seen}。`, `The board says: ${told}; read afterwards: ${seen}.`),
  told: {
    yes: say('已开', 'open'),
    no: say('没有开', 'not open'),
    unsure: say('不确定', 'not sure'),
  },
  nothingOpen: say('没有门开着', 'no door is open'),
  which: (label: string, size: string, column: number) =>
    say(
      `开了哪个门？写“门号 大小(s/m/l) 列 行”，可只写前几项；回车＝${label} ${size} 第 ${column} 列；没有门开写 n：`,
      `Which door opened? "label size(s/m/l) column row", as many as differ; Enter = ${label} ${size} column ${column}; n when none did: `,
    ),
  unreadable: say('没看懂，请再写一次。', 'That was not understood; please write it again.'),
  labelTaken: (label: string) =>
    say(`门号 ${label} 已经用过，请再写一次。`, `The label ${label} is taken; please write another.`),
  noneOpened: (door: Door) =>
    say(
      `${doorName(door)} 没有门打开：那里没有锁，或锁卡住了。`,
      `${doorName(door)}: no door opened. There is no lock there, or it is stuck.`,
    ),
  rewired: (wiring: string) =>
    say(`反馈触点的接法改认为：${wiring}`, `The contacts are taken to be wired: ${wiring}`),
  noContact: (door: Door) =>
    say(
      `${doorName(door)} 开了，但读数不变：这一路没有接反馈触点，网关将看不到这个门。`,
      `${doorName(door)} opened but reads as before: its contact is not wired, and the gateway will not see this door.`,
    ),
  shutIt: say('请关好门，然后回车：', 'Shut the door, then press Enter: '),
  stillOpen: (doors: readonly Door[]) =>
    say(`还报“开”的有：${doorNames(doors)}`, `Still told as open: ${doorNames(doors)}`),
  failed: say('这一步没有成功：', 'This did not work: '),
  summary: (mapped: number, none: readonly Door[], unsure: readonly number[]) =>
    say(
      `认出 ${mapped} 个门${none.length > 0 ? `；没有开的：${doorNames(none)}` : ''}${unsure.length > 0 ? `；触点接法没有查明的板：${unsure.join(' ')}` : ''}。`,
      `${mapped} doors known${none.length > 0 ? `; did not open: ${doorNames(none)}` : ''}${unsure.length > 0 ? `; how the contacts are wired was not found out of board ${unsure.join(' ')}` : ''}.`,
    ),
  head: (line: string, day: string, unsure: readonly number[]): readonly string[] => [
    `由 shuqiao doctor locker ${line} 于 ${day} 写出。lockers 一节放进所属图书馆，并写上名称、地点和坐标。`,
    `Written by shuqiao doctor locker ${line} on ${day}. Put "lockers" into its library; add name, place and position.`,
    ...(unsure.length > 0
      ? [
          `触点接法没有查明的板：${unsure.join(' ')}。请在那里再开一个门核对。`,
          `How the contacts are wired was not found out of board ${unsure.join(' ')}: open a door there to see.`,
        ]
      : []),
  ],
} as const
