/** Tables that stand inside pages written by hand, each between `<!-- name:begin -->` and `<!-- name:end -->`. */
import type { Argument, Command } from 'commander'
import type { Message } from '../src/adapters/ils/sip2/codec.ts'
import { usualDueDates } from '../src/adapters/ils/sip2/dates.ts'
import { dialects, profileOf, profileSchema } from '../src/adapters/ils/sip2/dialects.ts'
import { messages } from '../src/adapters/ils/sip2/messages.ts'
import type { Scope } from '../src/adapters/ils/sip2/requests.ts'
import * as requests from '../src/adapters/ils/sip2/requests.ts'
import { itemHandlers } from '../src/sandbox/ils/answers-items.ts'
import { patronHandlers } from '../src/sandbox/ils/answers-patron.ts'

export type Language = 'en' | 'zh'

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), `|${'---|'.repeat(head.length)}`, ...rows.map(cells => row(...cells))].join('\n')

const scope: Scope = {
  settings: { terminalPassword: '', language: '019', currency: 'CNY', location: '' },
  profile: profileOf('default')!,
  institution: '',
  now: 0,
}
const card = ''
const barcode = ''
const at = 0

/** One message of each builder there is: a builder that is added and not named here fails the type check. */
const built: Readonly<Record<Exclude<keyof typeof requests, 'lists'>, Message>> = {
  patronStatusRequest: requests.patronStatusRequest(scope, card),
  patronInformation: requests.patronInformation(scope, { card }),
  endPatronSession: requests.endPatronSession(scope, card),
  itemInformation: requests.itemInformation(scope, barcode),
  checkout: requests.checkout(scope, { card, barcode, at }),
  checkin: requests.checkin(scope, { barcode, at, returnedAt: at }),
  renew: requests.renew(scope, { card, barcode, at }),
  hold: requests.hold(scope, '+', { card, at }),
  feePaid: requests.feePaid(scope, { card, at, amount: 0, key: '' }),
  blockPatron: requests.blockPatron(scope, card, ''),
  patronEnable: requests.patronEnable(scope, card),
}

/** What the connection itself sends, and what both sides do about lines that got lost. */
const ofTheLine = ['93', '99', '97', '96']

/** Commands that our client sends to a library system. */
export const clientSends: ReadonlySet<string> = new Set([
  ...ofTheLine.filter(command => command !== '96'),
  ...Object.values(built).map(message => message.command),
])
/** Commands that the library system of the sandbox carries out, and the one by which it asks for a repeat. */
export const sandboxServes: ReadonlySet<string> = new Set([
  ...ofTheLine,
  ...Object.keys(itemHandlers),
  ...Object.keys(patronHandlers),
])

const use: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  '93': { en: 'log in', zh: '登录' },
  '99': { en: 'what the library system offers; keeps the line alive', zh: '询问对方支持什么；保持连接' },
  '23': { en: 'card and PIN, where 63 is not served', zh: '查读者证和密码（对方不支持 63 时）' },
  '63': { en: 'card, PIN, blocks, loans, fines', zh: '读者证、密码、停借原因、在借、欠费' },
  '11': { en: 'check out', zh: '借出' },
  '09': { en: 'check in, with the day the reader handed it in', zh: '还回，按读者交还的时间计' },
  '29': { en: 'renew one loan', zh: '续借一本' },
  '65': { en: 'renew all loans', zh: '全部续借' },
  '15': { en: 'place and cancel a hold', zh: '预约与取消预约' },
  '17': { en: 'where a copy is now', zh: '一册现在的状态' },
  '19': { en: 'change the properties of an item', zh: '修改册的属性' },
  '37': { en: 'tell of a payment', zh: '登记缴费' },
  '35': { en: 'end the reader’s session', zh: '结束读者会话' },
  '25': { en: 'lift a block', zh: '恢复读者证' },
  '01': { en: 'block a card', zh: '停用读者证' },
  '97': { en: 'we ask for the last answer again', zh: '请对方重发上一条' },
  '96': { en: 'the library system asks us to repeat', zh: '对方请我们重发' },
}
const chineseNames: Readonly<Record<string, string>> = {
  '93': '登录',
  '99': '终端状态',
  '23': '读者状态',
  '63': '读者信息',
  '11': '借出',
  '09': '还回',
  '29': '续借',
  '65': '全部续借',
  '15': '预约',
  '17': '册信息',
  '19': '册状态更新',
  '37': '缴费',
  '35': '结束会话',
  '25': '启用读者',
  '01': '停用读者',
  '97': '请求重发（终端）',
  '96': '请求重发（系统）',
}

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

const word = (words: Readonly<Record<string, string>>, key: string): string => {
  const found = words[key]
  if (found === undefined) throw new Error(`scripts/tables.ts has no words for ${key}`)
  return found
}

/** SIP2 message pairs: what our client sends, what the sandbox's library system answers. */
export const sip2Table = (language: Language): string => {
  const asked = [...messages.values()].filter(message => message.to === 'acs' || message.command === '96')
  const mark = (yes: boolean): string => (yes ? '✓' : '–')
  const rows = asked.map(({ command, name, answers }) => [
    `\`${[command, ...answers].join('` / `')}\``,
    language === 'en' ? name : word(chineseNames, command),
    mark(clientSends.has(command) || command === '96'),
    mark(sandboxServes.has(command)),
    word(use[command] ?? {}, language),
  ])
  return language === 'en'
    ? table(['message', 'name', 'client', 'sandbox', 'what for'], rows)
    : table(['报文', '名称', '客户端', '沙箱', '用来做什么'], rows)
}

const chineseVerbs: Readonly<Record<string, string>> = {
  serve: '运行网关：页面、接口、后台任务，一个进程',
  'import marc': '导入一个 CNMARC 或 MARC21 文件（ISO 2709）',
  demo: '运行演示小城：三个馆、三套馆内系统、自助柜、快递，全在本机',
  report: 'DB3205/T 1098-2023 第 8.1.1 条要的各项指标',
  doctor: '检查设置、数据、馆内系统、自助柜；什么也不改',
  'doctor sip2': '探明一个馆内系统怎样说 SIP2，并写出设置；只查询，不改变',
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
