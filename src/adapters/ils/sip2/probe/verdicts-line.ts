import type { Facts, Reaction, Stranger } from './facts.ts'
import type { Given } from './given.ts'
import { bad, found, help, look, unknown, type Verdict } from './verdict.ts'

const reasons: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: [
    '对方拒绝连接：端口不对，或服务没有启动',
    'refused: a wrong port, or the service does not run',
  ],
  ENOTFOUND: ['找不到这个主机名', 'there is no such host name'],
  EAI_AGAIN: ['域名暂时无法解析', 'the host name cannot be resolved now'],
  EHOSTUNREACH: ['网络不通', 'no route to that host'],
  ENETUNREACH: ['网络不通', 'no route to that host'],
  ECONNRESET: ['连上后立即被切断', 'cut as soon as it stood'],
  timeout: ['没有回应：多半是防火墙', 'no reply: most often a firewall'],
}

const strangers: Readonly<Record<Stranger, readonly [string, string]>> = {
  web: ['对方是网站服务（HTTP），不是 SIP2', 'this is a web server, not SIP2'],
  ssh: [
    '对方是 SSH，不是 SIP2；有的馆要先建 SSH 隧道',
    'this is SSH, not SIP2; some libraries want a tunnel',
  ],
  'mail-or-files': ['对方是邮件或文件服务，不是 SIP2', 'this is a mail or file server, not SIP2'],
  text: ['对方说的不是 SIP2', 'what it says is not SIP2'],
  flood: ['对方没完没了地发数据，已停止', 'it sends without end; stopped'],
  silence: ['能连上，但什么也不回答', 'it can be reached, and answers nothing'],
  closes: ['能连上，但一开口就被切断', 'it can be reached, and hangs up at the first word'],
  tls: ['对方要求 TLS', 'it wants TLS'],
}

const portHelp = help(
  '请核对主机和端口，并请对方放行本机地址',
  'check host and port, and ask for this address to be let in',
)

/** Whether the other side was reached, and whether it is a library system at all. */
export const reachVerdicts = (facts: Facts, given: Given): Verdict[] => {
  const verdicts: Verdict[] = []
  const { reach, stranger } = facts
  if (reach !== undefined && reach !== 'ok' && facts.tlsProblem === undefined) {
    const [zh, en] = reasons[reach.code] ?? [`连接失败（${reach.code}）`, `cannot be reached (${reach.code})`]
    verdicts.push(bad('reach', zh, en, portHelp))
  } else if (reach === 'ok' && !stranger) verdicts.push(found('reach', '能连上', 'can be reached'))
  verdicts.push(...tlsVerdict(facts))
  if (stranger) {
    const [zh, en] = strangers[stranger.is]
    const said = stranger.words === '' ? '' : `: “${stranger.words}”`
    verdicts.push(bad('reach', `${zh}${said}`, `${en}${said}`, strangerHelp(stranger.is, given)))
  }
  return verdicts
}

const strangerHelp = (is: Stranger, { user }: Given) => {
  const login =
    user === undefined ? { zh: '、要先登录（--user）', en: ', a log-in wanted first (--user)' } : none
  if (is === 'silence')
    return help(
      `可能是端口不对、本机地址未放行${login.zh}；请对方看他们的日志`,
      `a wrong port, this address not let in${login.en}: have their log looked at`,
    )
  if (is === 'closes')
    return help(
      `可能是本机地址未放行、连接已占满${login.zh}；请对方看他们的日志`,
      `this address not let in, all connections taken${login.en}: have their log looked at`,
    )
  return help('请核对主机和端口', 'check host and port')
}

const none = { zh: '', en: '' }

const tlsVerdict = (facts: Facts): Verdict[] => {
  const { tls, tlsProblem } = facts
  if (tlsProblem !== undefined)
    return [
      bad(
        'tls',
        `TLS 不成：${tlsProblem}`,
        `TLS does not come about: ${tlsProblem}`,
        help(
          '证书不是公共机构签发的，用 --ca 文件给出其签发者，或与对方核对指纹后用 --fingerprint；名称不符用 --server-name；没有发送任何密码',
          'where no public authority signed it, name the authority by --ca FILE, or compare its fingerprint with them and say --fingerprint; another name by --server-name; no password was sent',
        ),
      ),
    ]
  if (facts.reach !== 'ok') return []
  if (tls === 'no')
    return [
      look(
        'tls',
        '没有加密',
        'not encrypted',
        help('读者密码将明文传输：请只走专线或隧道', 'PINs travel in clear: use a private line or a tunnel'),
      ),
    ]
  if (tls === 'found') return [found('tls', '对方用 TLS（自动发现）', 'it speaks TLS (found out)')]
  return [found('tls', '用 TLS，证书可信', 'TLS, and its certificate can be trusted')]
}

/** How one is let in. */
export const loginVerdict = ({ login, greeting }: Facts, given: Given): Verdict => {
  const { form, outcome } = login
  const said = login.words === '' ? '' : `: “${login.words}”`
  const once = help(
    '只试了一次：许多系统会锁账号。请先核对账号、密码、地点码再试',
    'tried once only, because many systems lock accounts: check user, password and location first',
  )
  if (outcome === 'refused' && form !== 'none')
    return bad('login', `账号被拒绝${said}`, `the account was refused${said}`, once)
  if (form === '93') return found('login', '用 93 登录', 'by message 93')
  if (form === 'telnet')
    return outcome === 'well'
      ? found('login', '先出现 login/password 提示（telnet）', 'by telnet prompts, before SIP2')
      : unknown(
          'login',
          '出现 telnet 提示',
          'telnet prompts',
          help('请用 --user 给出账号', 'give an account by --user'),
        )
  if (form === 'none' && outcome === 'not-tried')
    return given.user === undefined
      ? found('login', '不需要登录', 'none is needed')
      : found('login', '不登录也能用', 'it works without')
  if (form === 'none')
    return look(
      'login',
      `账号没有被接受${said}，但不登录也能查询`,
      `the account was not taken${said}, but questions are answered without`,
      once,
    )
  if (given.user === undefined)
    return unknown(
      'login',
      '没有账号进不去',
      'nothing is answered without an account',
      help('请用 --user 给出账号', 'give an account by --user'),
    )
  return unknown(
    'login',
    greeting === 'text' ? `登录没有明确结果${said}` : '登录没有明确结果',
    'the log-in came to no clear end',
    once,
  )
}

export const lineVerdicts = (facts: Facts): Verdict[] => {
  const verdicts: Verdict[] = []
  const shown = { '\r': 'CR', '\n': 'LF', '\r\n': 'CRLF', '\n\r': 'LFCR' } as const
  const theirs = [...facts.lines.theirs].map(end => shown[end]).join(' / ')
  const ours = facts.lines.ours.toUpperCase()
  if (theirs !== '')
    verdicts.push(
      found(
        'terminator',
        `我方用 ${ours} 即可，对方用 ${theirs}`,
        `${ours} is taken; answers end in ${theirs}`,
      ),
    )
  if (facts.delimiter !== '|')
    verdicts.push(look('delimiter', `分隔符是 ${facts.delimiter}`, `fields end in ${facts.delimiter}`))
  verdicts.push(statusVerdict(facts))
  if (facts.emptyFields) {
    const ids = facts.emptyFields.join(' ')
    verdicts.push(look('empty', `查询要带 ${ids}，空的也行`, `questions must carry ${ids}, though empty`))
  }
  if (facts.oneRequest)
    verdicts.push(
      look(
        'oneRequest',
        '同一连接上第二次请求没有回答：每次都要新连接',
        'a second request on a connection is not answered: a new connection for each',
      ),
    )
  return verdicts
}

const statusVerdict = ({ statusBefore, statusAfter, login }: Facts): Verdict => {
  if (statusAfter === 'answer')
    return statusBefore === 'answer'
      ? found(
          'status',
          login.form === 'none' ? '99 有回答' : '登录前后都回答 99',
          login.form === 'none' ? '99 is answered' : '99 is answered before and after the log-in',
        )
      : found('status', '登录后回答 99', '99 is answered after the log-in')
  if (statusBefore === 'answer')
    return statusAfter === undefined
      ? found('status', '登录前就回答 99', '99 is answered before any log-in')
      : found('status', '只在登录前回答 99', '99 is answered before the log-in only')
  return look(
    'status',
    `不回答 99（${said(statusAfter ?? statusBefore).zh}）：不再发送`,
    `99 is not answered (${said(statusAfter ?? statusBefore).en}); it will not be sent`,
  )
}

/** A reaction in words. */
export const said = (reaction: Reaction | 'refused' | 'bound' | undefined) => {
  const table = {
    answer: { zh: '有回答', en: 'answered' },
    '96': { zh: '回 96', en: '96' },
    closed: { zh: '被切断', en: 'line cut' },
    silence: { zh: '没有回答', en: 'no answer' },
    garbage: { zh: '回答不是报文', en: 'no message in answer' },
    refused: { zh: '被拒绝', en: 'refused' },
    bound: { zh: '到达上限', en: 'bound reached' },
  } as const
  return table[reaction ?? 'silence']
}
