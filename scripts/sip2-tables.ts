/** Tables of the messages and fields of SIP2, drawn from the codec, the client, the server and the sandbox. */
import {
  readCheckin,
  readEnable,
  readFee,
  readHold,
  readItem,
  readList,
  readLoan,
  readPatron,
} from '../src/adapters/ils/sip2/answers.ts'
import type { Field, Message, Parsed } from '../src/adapters/ils/sip2/codec.ts'
import { profileOf } from '../src/adapters/ils/sip2/dialects.ts'
import { type FieldInfo, fields } from '../src/adapters/ils/sip2/fields.ts'
import { type MessageType, messages } from '../src/adapters/ils/sip2/messages.ts'
import type { Scope } from '../src/adapters/ils/sip2/requests.ts'
import * as requests from '../src/adapters/ils/sip2/requests.ts'
import { readStatus } from '../src/adapters/ils/sip2/status.ts'
import { commandsOfMachines } from '../src/gateway/sip2-server/desk.ts'
import { itemHandlers } from '../src/sandbox/ils/answers-items.ts'
import { patronHandlers } from '../src/sandbox/ils/answers-patron.ts'
import { type Language, table, word } from './tables.ts'

const profile = profileOf('default')!
const scope: Scope = {
  settings: { terminalPassword: 'x', language: '019', currency: 'CNY', location: 'x' },
  profile,
  institution: '',
  now: 0,
}
const at = 0
const loan = { card: 'x', barcode: 'x', title: 'x', pin: 'x', at }
const wish = { ...loan, pickupLocation: 'x', expiresAt: at }

/** Each builder there is, with all it can say: one that is added and not named here fails the type check. */
const built: Readonly<Record<Exclude<keyof typeof requests, 'lists' | 'arranged'>, Message>> = {
  patronStatusRequest: requests.patronStatusRequest(scope, 'x', 'x'),
  patronInformation: requests.patronInformation(scope, { card: 'x', pin: 'x', page: { from: 1, to: 2 } }),
  endPatronSession: requests.endPatronSession(scope, 'x'),
  itemInformation: requests.itemInformation(scope, 'x'),
  checkout: requests.checkout(scope, loan),
  checkin: requests.checkin(scope, { barcode: 'x', at, returnedAt: at, cancel: true }),
  renew: requests.renew(scope, loan),
  hold: requests.hold(scope, '+', wish),
  feePaid: requests.feePaid(scope, { card: 'x', at, amount: 0, key: 'x', feeId: 'x' }),
  blockPatron: requests.blockPatron(scope, 'x', 'x'),
  patronEnable: requests.patronEnable(scope, 'x'),
}
const login: Message = {
  command: '93',
  fixed: {},
  fields: [
    ['CN', 'x'],
    ['CO', 'x'],
    ['CP', 'x'],
  ],
}

/** What the line itself needs, on both sides. */
const ofTheLine = ['93', '99', '97', '96']

/** Commands that our client sends to a library system by itself. */
export const clientSends: ReadonlySet<string> = new Set([
  ...ofTheLine.filter(command => command !== '96'),
  ...Object.values(built).map(message => message.command),
])
/** Commands that the server carries out for machines. */
export const serverAnswers: ReadonlySet<string> = new Set([...ofTheLine, ...commandsOfMachines])
/** Commands that the library system of the sandbox carries out, and the one by which it asks for a repeat. */
export const sandboxServes: ReadonlySet<string> = new Set([
  ...ofTheLine,
  ...Object.keys(itemHandlers),
  ...Object.keys(patronHandlers),
])

const use: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  '93': { en: 'log in', zh: '登录' },
  '99': {
    en: 'what is offered, and whether anybody is there; a 98 nobody asked for counts as well',
    zh: '支持什么、在不在线；没问而来的 98 也算数',
  },
  '23': { en: 'card and PIN, where 63 is not served', zh: '查读者证和密码（对方不支持 63 时）' },
  '63': { en: 'card, PIN, blocks, loans, fines', zh: '读者证、密码、停借原因、在借、欠费' },
  '11': { en: 'check out', zh: '借出' },
  '09': { en: 'check in, with the day the reader handed it in', zh: '还回，按读者交还的时间计' },
  '29': { en: 'renew one loan', zh: '续借一本' },
  '65': { en: 'renew all loans; Shuqiao itself renews one by one', zh: '全部续借；书桥自己一本一本续' },
  '15': { en: 'place and cancel a hold', zh: '预约与取消预约' },
  '17': { en: 'where a copy is now', zh: '一册现在的状态' },
  '19': {
    en: 'change the properties of an item; Shuqiao itself never does',
    zh: '修改册的属性；书桥自己不用',
  },
  '37': { en: 'tell of a payment', zh: '登记缴费' },
  '35': { en: 'end the reader’s session', zh: '结束读者会话' },
  '25': { en: 'lift a block', zh: '恢复读者证' },
  '01': { en: 'block a card', zh: '停用读者证' },
  '97': { en: 'asks for the last answer again', zh: '请对方把上一条应答重发' },
  '96': { en: 'asks to repeat a message that came damaged', zh: '收到的报文有损，请重发' },
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

/**
 * SIP2 message pairs: what our client sends (○: only for a machine whose message it passes on), what our server
 * answers, what the sandbox's library system answers.
 */
export const sip2Table = (language: Language): string => {
  const asked = [...messages.values()].filter(message => message.to === 'acs' || message.command === '96')
  const mark = (yes: boolean, no = '–'): string => (yes ? '✓' : no)
  const rows = asked.map(({ command, name, answers }) => [
    `\`${[command, ...answers].join('` / `')}\``,
    language === 'en' ? name : word(chineseNames, command),
    mark(clientSends.has(command) || command === '96', commandsOfMachines.has(command) ? '○' : '–'),
    mark(serverAnswers.has(command)),
    mark(sandboxServes.has(command)),
    word(use[command] ?? {}, language),
  ])
  return language === 'en'
    ? table(['message', 'name', 'client', 'server', 'sandbox', 'what for'], rows)
    : table(['报文', '名称', '客户端', '服务端', '沙箱', '用来做什么'], rows)
}

/** What the client makes of each answer. */
const readers: Readonly<Record<string, (parsed: Parsed) => unknown>> = {
  '98': readStatus,
  '24': parsed => readPatron(parsed, profile, { card: 'x', pin: 'x' }),
  '64': parsed => [
    readPatron(parsed, profile, { card: 'x', pin: 'x' }),
    ...requests.lists.map(list => readList(parsed, profile, list)),
  ],
  '26': parsed => readEnable(parsed, profile),
  '12': parsed => readLoan(parsed, profile, 'x', 'checkout-refused'),
  '30': parsed => readLoan(parsed, profile, 'x', 'renewal-refused'),
  '10': parsed => readCheckin(parsed, profile, 'x'),
  '16': parsed => readHold(parsed, profile, 'hold-refused'),
  '18': parsed => readItem(parsed, profile, 'x'),
  '38': parsed => readFee(parsed, profile),
  /** AF of a refused log-in is told to staff. */
  '94': parsed => parsed.fields.filter(([id]) => id === 'AF'),
}

const fixedOf = (type: MessageType): Record<string, string> =>
  Object.fromEntries(
    type.fixed.map(({ name, length, kind }) => [
      name,
      kind === 'date' ? '20261122    093000' : (length === 1 ? 'Y' : '').padEnd(length, '3'),
    ]),
  )

const samples = ['Y', 'N', '7', '12.50', '01', '20261222    235900', 'text']

/** Whether the client takes notice of a field of an answer: whether what it makes of it changes with the field. */
const reads = (type: MessageType, id: string): boolean => {
  const read = readers[type.command]
  if (!read) return false
  const answer = (own: readonly Field[]): string =>
    JSON.stringify(
      read({
        command: type.command,
        name: type.name,
        fixed: fixedOf(type),
        fields: [...known.filter(([other]) => other !== id), ...own],
        sequence: null,
        checksum: 'absent',
        problems: [],
      }),
    )
  const known: readonly Field[] = [
    ['AJ', 'title'],
    ['BL', 'Y'],
    ['CQ', 'Y'],
  ]
  return samples.some(value => answer([[id, value]]) !== answer([]))
}

const answers = [...messages.values()].filter(({ to }) => to === 'sc')
const standing = (id: string): readonly string[] =>
  [...messages.values()].filter(({ order }) => order.includes(id)).map(({ command }) => command)

const shown: Readonly<Record<NonNullable<FieldInfo['mask']>, string>> = {
  secret: 'never',
  name: 'first character',
  tail: 'last four characters',
}

/** Every field the codec knows: where it stands, whether our client sends and reads it, how it may be shown. */
export const fieldTable = (): string => {
  const said = [...Object.values(built), login]
  const rows = [...fields.values()].map(info => {
    const { id, name, length, repeatable, strict, mask, by } = info
    const sent = said.filter(message => message.fields.some(([other]) => other === id))
    const read = answers.filter(type => reads(type, id)).map(({ command }) => command)
    return [
      `\`${id}\``,
      name,
      [length === undefined ? '' : `${length}`, repeatable ? 'repeats' : ''].filter(Boolean).join(', ') ||
        '–',
      standing(id).join(' ') || `by ${by}`,
      sent
        .map(({ command }) => command)
        .sort()
        .join(' ') || '–',
      read.sort().join(' ') || '–',
      strict ? 'refused' : 'replaced',
      mask === undefined ? 'whole' : shown[mask],
    ]
  })
  return table(
    [
      'field',
      'what',
      'form',
      'stands in',
      'client sends in',
      'client reads in',
      'unsafe characters',
      'shown in logs',
    ],
    rows,
  )
}
