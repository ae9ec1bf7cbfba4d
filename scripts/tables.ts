/** Tables that stand inside pages written by hand, each between `<!-- name:begin -->` and `<!-- name:end -->`. */
import type { Argument, Command } from 'commander'
import { usualDueDates } from '../src/adapters/ils/sip2/dates.ts'
import { dialects, profileSchema } from '../src/adapters/ils/sip2/dialects.ts'

export type Language = 'en' | 'zh'

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), `|${'---|'.repeat(head.length)}`, ...rows.map(cells => row(...cells))].join('\n')

const code = (value: unknown): string => `\`${JSON.stringify(value).replaceAll('|', '\\|')}\``

/** The usual forms of a date follow a dialect's own. */
const ownFormats = (value: unknown): unknown =>
  Array.isArray(value) ? [...value.slice(0, -usualDueDates.length), '…'] : value

/** Every dialect with the switches it turns. */
export const dialectTable = (): string =>
  table(
    ['dialect', 'for', 'what it changes'],
    dialects.map(({ name, aliases = [], title, sets }) => [
      [name, ...aliases].map(each => `\`${each}\``).join(', '),
      title.en,
      Object.entries(sets)
        .map(([switched, value]) =>
          [switched, code(switched === 'dueDateFormats' ? ownFormats(value) : value)].join(' '),
        )
        .join(', ') || '–',
    ]),
  )

/** Where each dialect comes from, and what to know beside its switches. */
export const sourceTable = (): string =>
  table(
    ['dialect', 'drawn from', 'to know'],
    dialects.map(({ name, source, note }) => [`\`${name}\``, source, note?.en ?? '–']),
  )

/** The switches of a profile, with the meaning that stands in the schema. */
export const switchTable = (): string =>
  table(
    ['switch', 'when left out', 'meaning'],
    Object.entries(profileSchema.shape).map(([name, schema]) => [
      `\`${name}\``,
      code(schema.parse(undefined)),
      (schema.description ?? '').replaceAll('|', '\\|'),
    ]),
  )

export const word = (words: Readonly<Record<string, string>>, key: string): string => {
  const found = words[key]
  if (found === undefined) throw new Error(`scripts/tables.ts has no words for ${key}`)
  return found
}

const chineseVerbs: Readonly<Record<string, string>> = {
  serve: '运行网关：页面、接口、后台任务，一个进程',
  'import marc': '导入一个 CNMARC 或 MARC21 文件（ISO 2709）',
  demo: '运行演示小城：三个馆、三套馆内系统、自助柜、快递，全在本机',
  report: 'DB3205/T 1098-2023 第 8.1.1 条要的各项指标',
  doctor: '检查设置、数据、馆内系统、自助柜；什么也不改',
  'doctor sip2': '探明一个馆内系统怎样说 SIP2，并写出设置；只查询，不改变',
  'doctor locker': '在线路上找锁控板，有人看着逐个试门，学会接法和门号，并写出设置',
  'doctor frames': '看一段字节是哪种锁控板的，用哪个驱动',
  'sip2 record': '站在自助机和馆内系统之间，原样转发每个字节，并记下掩去个人信息的录制',
  'sip2 replay': '重放录制：当一个照样回答的馆内系统，或当一台照样提问的自助机',
  'sip2 parse': '把 SIP2 报文逐条读成 JSON',
  'sip2 build': '反过来：由 JSON 写出报文，一个字节不差',
  'user add': '让一位馆员可以登录',
  'user list': '谁可以登录',
  'user password': '换密码，并结束旧密码下的会话',
  'user remove': '不再让人登录；名字留在审计记录里',
  'key device add': '给一个自助柜的屏幕发密钥，只显示一次',
  'key device list': '已发的屏幕密钥',
  'key device revoke': '立即作废一个屏幕密钥',
  'key partner add': '给另一个系统发密钥，只显示一次',
  'key partner list': '已发的系统密钥',
  'key partner revoke': '立即作废一个系统密钥',
  'key registration add': '为一台自行登记的柜机生成登记码，只显示一次，用后作废',
  'key registration list': '已发的登记码',
  'key registration revoke': '立即作废一个登记码',
  'key cabinet list': '已登记柜机的密码',
  'key cabinet revoke': '作废一台柜机的密码，下次连接时生效',
  'key kiosk': '为说 SIP2 的自助设备生成密码，以及写进设置文件的那一行',
  'audit verify': '沿着每个馆的审计链走一遍，断了就退出码 1',
  'audit list': '审计记录，新的在前',
  backup: '在使用中复制 SQLite 数据库，检查无误后才改成正式文件名',
  'config check': '读设置文件，一次说出全部错误',
  'config schema': '打印设置文件的 JSON Schema，供编辑器用',
}

const written = (argument: Argument): string => {
  const text = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${text}>` : `[${text}]`
}

/** Every command that does something: one with others below it does where it has options of its own. */
const leaves = (command: Command, path: readonly string[]): readonly (readonly [Command, string])[] => [
  ...(command.commands.length === 0 || command.options.length > 0
    ? [[command, path.join(' ')] as const]
    : []),
  ...command.commands.flatMap(child => leaves(child, [...path, child.name()])),
]

/** Every verb with what it is for, as `--help` says it. */
export const verbsTable = (program: Command, language: Language): string => {
  const rows = leaves(program, []).map(([command, path]) => [
    `\`shuqiao ${[path, ...command.registeredArguments.map(written)].join(' ')}\``,
    language === 'en' ? command.description() : word(chineseVerbs, path),
  ])
  return table(language === 'en' ? ['command', 'what it does'] : ['命令', '做什么'], rows)
}

/** `text` with the block called `name` replaced. Throws when the text has no such block. */
export const withBlock = (text: string, name: string, block: string): string => {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no block ${name}`)
  return `${text.slice(0, from + begin.length)}\n\n${block}\n\n${text.slice(to)}`
}
