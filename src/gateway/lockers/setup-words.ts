import { refused, unreachable, type Words } from '../../kernel/problem.ts'

/** What a set-up of a line refuses. */
export const noSetup = refused('locker-setup-over', {
  zh: '这次调试已经结束，线路已交还网关。',
  en: 'This set-up is over, and the gateway has its line back.',
})
export const somebody: Words = { zh: '有人', en: 'Somebody' }
export const setupElsewhere = (who: Words) =>
  refused('locker-setup-taken', {
    zh: `${who.zh}正在调试一条线路；一次只能调试一条。`,
    en: `${who.en} is setting a line up; only one at a time can be.`,
  })
export const setupOfProcess = (process: string) =>
  unreachable('locker-line-elsewhere', {
    zh: `这条线路由另一个网关进程（${process}）管理，只能在那里调试；请把请求固定到那个进程，或停下它再试。`,
    en: `Another gateway process (${process}) holds this line and only it can set it up; send your requests there, or stop it first.`,
  })
export const notYourLine = refused('locker-line-of-others', {
  zh: '这条线路上有别的图书馆的柜子：请由系统管理员在命令行调试。',
  en: 'Cabinets of another library hang on this line: have it set up on the command line.',
})
export const visitsRunning = (labels: readonly string[]) =>
  refused('locker-visits-running', {
    zh: `现在有人在用这条线路上的柜门：${labels.join('、')}。等门关好再开始。`,
    en: `Somebody is at a door of this line just now: ${labels.join(', ')}. Begin when it is shut.`,
  })
export const unknownLine = refused('unknown-locker-line', {
  zh: '没有这条线路，或它不是线路上的锁控板。',
  en: 'There is no such line, or it is not of lock boards.',
})
export const unknownMake = refused('unknown-locker-make', {
  zh: '没有这种锁控板。',
  en: 'There is no such make of boards.',
})
export const hostNotAllowed = (host: string, networks: readonly string[]) =>
  refused('locker-host-not-allowed', {
    zh: `${host} 不在允许的网段里（${networks.join('、')}）。可由系统管理员在设置文件的 lockerSetup.networks 里加上。`,
    en: `${host} is in none of the networks that are allowed (${networks.join(', ')}). They stand in the settings file, lockerSetup.networks.`,
  })
export const hostUnknown = (host: string) =>
  refused('locker-host-unknown', {
    zh: `找不到名为 ${host} 的机器；请写它的 IP 地址。`,
    en: `There is no machine called ${host}; give its IP address.`,
  })
export const tooOften = refused('locker-setup-too-often', {
  zh: '新线路试得太多了：十分钟内至多十二次。请核对串口服务器的说明书，稍后再试。',
  en: 'Too many new lines were tried: twelve in ten minutes at most. See the manual of the serial server, and try later.',
})

/** Why a set-up came to its end. */
export const endings = {
  done: { zh: '调试已结束。', en: 'The set-up was ended.' },
  'page-closed': {
    zh: '页面关了三分钟，线路已自动交还。认出的门还留着，可以接着做。',
    en: 'The page was closed for three minutes, and the line was given back. What was learned is kept: you can go on.',
  },
  idle: {
    zh: '二十分钟没有动作，线路已自动交还。认出的门还留着，可以接着做。',
    en: 'Nothing was done for twenty minutes, and the line was given back. What was learned is kept: you can go on.',
  },
  'too-long': {
    zh: '调试已满四小时，线路已自动交还。认出的门还留着，可以接着做。',
    en: 'Four hours are over, and the line was given back. What was learned is kept: you can go on.',
  },
  'line-lost': {
    zh: '线路已由另一个网关进程接管，调试结束。',
    en: 'Another gateway process has taken the line over; the set-up is over.',
  },
  stopping: { zh: '网关正在停止，调试结束。', en: 'The gateway is stopping; the set-up is over.' },
} as const satisfies Readonly<Record<string, Words>>
export type Ending = keyof typeof endings

/** What stands above the settings that are written. */
export const settingsHead = (line: string, day: string, unsure: readonly number[]): readonly string[] => [
  `${day} 由馆员页面“新柜上线”写出（线路 ${line}）。lockers 一节放进所属图书馆。`,
  `Written by the set-up of line ${line} on the staff page, ${day}. Put "lockers" into its library.`,
  ...(unsure.length === 0
    ? []
    : [
        `触点接法没有查明的板：${unsure.join(' ')}。请在那里再开一个门核对。`,
        `How the contacts are wired was not found out of board ${unsure.join(' ')}: open a door there to see.`,
      ]),
]
