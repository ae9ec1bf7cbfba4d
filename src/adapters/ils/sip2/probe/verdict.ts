import type { Words } from '../../../../kernel/problem.ts'

/**
 * - `found`: looked at, and clear.
 * - `look`: clear, and something a person should know or decide.
 * - `unknown`: could not be found out; `help` says what to do.
 * - `bad`: it does not work like this.
 */
export interface Verdict {
  readonly topic: Topic
  readonly state: 'found' | 'look' | 'unknown' | 'bad'
  readonly say: Words
  readonly help?: Words
}

export const topics = {
  reach: { zh: '连接', en: 'connection' },
  tls: { zh: 'TLS 加密', en: 'TLS' },
  login: { zh: '登录方式', en: 'log-in' },
  status: { zh: '状态报文 99', en: 'status (99)' },
  terminator: { zh: '报文结尾', en: 'line ends' },
  delimiter: { zh: '字段分隔符', en: 'delimiter' },
  encoding: { zh: '字符集', en: 'charset' },
  question: { zh: '我方报文里的中文', en: 'Chinese in questions' },
  sums: { zh: '校验（我方）', en: 'checksums, ours' },
  answers: { zh: '校验（对方）', en: 'checksums, theirs' },
  sequence: { zh: '序号', en: 'sequence numbers' },
  repeat: { zh: '重复报文', en: 'repeated messages' },
  resend: { zh: '请求重发 97', en: 'resend (97)' },
  messages: { zh: '支持的报文', en: 'messages' },
  dates: { zh: '日期与时区', en: 'dates and zone' },
  due: { zh: '应还日期', en: 'due dates' },
  lists: { zh: '清单内容', en: 'lists' },
  holds: { zh: '预约数含义', en: 'hold count' },
  fines: { zh: '欠费', en: 'fines' },
  pin: { zh: '读者密码', en: 'PIN' },
  institution: { zh: '机构代码 AO', en: 'institution (AO)' },
  empty: { zh: '必带字段', en: 'fields that must be there' },
  oneRequest: { zh: '一个连接多次请求', en: 'requests on one connection' },
  latency: { zh: '应答时间', en: 'time to answer' },
  connections: { zh: '同时连接数', en: 'connections at once' },
  changes: { zh: '借还试验', en: 'loan and return' },
  budget: { zh: '探测限度', en: 'limits of the probe' },
} as const satisfies Record<string, Words>
export type Topic = keyof typeof topics

const words = (zh: string, en: string): Words => ({ zh, en })

const make =
  (state: Verdict['state']) =>
  (topic: Topic, zh: string, en: string, help?: Words): Verdict => ({
    topic,
    state,
    say: words(zh, en),
    ...(help ? { help } : {}),
  })

export const found = make('found')
export const look = make('look')
export const unknown = make('unknown')
export const bad = make('bad')
export const help = words
