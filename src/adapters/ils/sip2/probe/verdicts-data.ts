import { messages } from '../messages.ts'
import { deniedByMask } from '../status.ts'
import { dueForm } from './due-format.ts'
import type { Facts } from './facts.ts'
import type { Given } from './given.ts'
import { fineForm, holdMeaning, zoneOf } from './switches.ts'
import { bad, found, help, look, unknown, type Verdict } from './verdict.ts'
import { said } from './verdicts-line.ts'

/** What answers hold: messages, dates, lists, counts, the reader's PIN. */
export const dataVerdicts = (facts: Facts, given: Given): Verdict[] => [
  messagesVerdict(facts),
  datesVerdict(facts),
  dueVerdict(facts, given),
  ...readerVerdicts(facts, given),
  ...institutionVerdict(facts, given),
  ...changesVerdict(facts, given),
  ...latencyVerdict(facts),
  ...connectionsVerdict(facts),
]

/** Requests that change something: only what BX says of them is known. */
const acts = ['11', '09', '29', '65', '15', '37', '19', '25', '01']

const messagesVerdict = ({ served, status }: Facts): Verdict => {
  if (served.size === 0) return unknown('messages', '没有问成', 'could not be asked')
  const answered = [...served].filter(([, reaction]) => reaction === 'answer').map(([command]) => command)
  const not = [...served].filter(([, reaction]) => reaction !== 'answer')
  const mask = status?.supported
  const claimed = mask === undefined ? [] : acts.filter(command => !deniedByMask(mask, command))
  const lies = answered.filter(command => deniedByMask(mask, command))
  const zh = [
    `已回答 ${answered.join(' ') || '无'}`,
    ...(not.length > 0
      ? [`不回答 ${not.map(([command, how]) => `${command}（${said(how).zh}）`).join(' ')}`]
      : []),
    mask === undefined ? '没有 BX' : `自称支持（未试）${claimed.join(' ') || '无'}`,
    ...(lies.length > 0 ? [`BX 不可信：${lies.join(' ')}`] : []),
  ]
  const en = [
    `answered: ${answered.join(' ') || 'none'}`,
    ...(not.length > 0
      ? [`not answered: ${not.map(([command, how]) => `${command} (${said(how).en})`).join(' ')}`]
      : []),
    mask === undefined ? 'no BX' : `said to be served, not tried: ${claimed.join(' ') || 'none'}`,
    ...(lies.length > 0 ? [`BX denies what is served: ${lies.join(' ')}`] : []),
  ]
  const needed = ['17', '63'].filter(command => served.get(command) !== 'answer')
  if (needed.length === 0) return found('messages', zh.join('；'), en.join('; '))
  const names = needed.map(command => `${command} ${messages.get(command)?.name ?? ''}`).join(', ')
  return look(
    'messages',
    zh.join('；'),
    en.join('; '),
    help(`缺 ${names}：请对方为本账号开通`, `${names} missing: have it enabled for this account`),
  )
}

const datesVerdict = (facts: Facts): Verdict => {
  const { zones, clock } = facts
  if (zones.size === 0) return unknown('dates', '没有见到日期', 'no date was seen')
  const forms = {
    blank: ['空格（当地时间）', 'blanks (local time)'],
    '0000': ['0000', '0000'],
    letter: ['字母', 'a letter'],
    other: ['别的', 'something else'],
  } as const
  const zh = `时区位写 ${[...zones].map(zone => forms[zone][0]).join('、')}`
  const en = `zone written as ${[...zones].map(zone => forms[zone][1]).join(', ')}`
  if (!clock) return found('dates', zh, en)
  const zone = zoneOf(facts)
  const minutes = Math.round(clock.skew / 60_000)
  if (zone === undefined)
    return look(
      'dates',
      `${zh}；对方时钟不合理`,
      `${en}; its clock makes no sense`,
      help('请对方校时，并用 --time-zone 给出时区', 'have its clock set, and say --time-zone'),
    )
  const off = Math.abs(minutes) < 2 ? '' : `，差 ${minutes} 分钟`
  const offEn = Math.abs(minutes) < 2 ? '' : `, ${minutes} minutes off`
  const make = zone === 'Asia/Shanghai' && off === '' ? found : look
  return make('dates', `${zh}；时钟像 ${zone}${off}`, `${en}; its clock is that of ${zone}${offEn}`)
}

const dueVerdict = (facts: Facts, given: Given): Verdict => {
  const { dueTexts } = facts
  if (dueTexts.length === 0)
    return unknown(
      'due',
      '没有见到在借的册',
      'no copy on loan was seen',
      help(
        '请用 --item 给一个已借出的条码，或用有在借的 --patron',
        'give a lent item by --item, or a card with loans by --patron',
      ),
    )
  const form = dueForm(dueTexts, given.timeZone ?? zoneOf(facts) ?? 'Asia/Shanghai')
  const [sample] = dueTexts
  switch (form.is) {
    case 'usual':
      return found('due', `${form.format}（${sample}）`, `${form.format} (${sample})`)
    case 'own':
      return look('due', `${form.format}（${sample}）`, `${form.format} (${sample})`)
    case 'undecided':
      return unknown(
        'due',
        `日与月分不清：${sample}`,
        `day and month cannot be told apart: ${sample}`,
        help(
          `看一册哪天到期，再写 dueDateFormats：${form.formats.join(' 或 ')}`,
          `see when that copy is due, then set dueDateFormats: ${form.formats.join(' or ')}`,
        ),
      )
    case 'unreadable':
      return unknown(
        'due',
        `不认识的写法：${sample}`,
        `a form not known: ${sample}`,
        help('请自己写 dueDateFormats', 'set dueDateFormats by hand'),
      )
  }
}

const readerVerdicts = (facts: Facts, given: Given): Verdict[] => {
  const { patron } = facts
  if (given.patron === undefined)
    return [
      unknown(
        'lists',
        '没有试验证',
        'no test card',
        help(
          '请用 --patron 给一张有在借、有预约的试验证',
          'give a test card with loans and holds by --patron',
        ),
      ),
    ]
  if (!patron) return [unknown('lists', '63 没有回答', '63 was not answered')]
  if (!patron.known) return [bad('lists', '对方不认识这张试验证', 'the test card is not known there')]
  return [listsVerdict(facts), holdsVerdict(facts), finesVerdict(facts), ...pinVerdict(facts)]
}

const listsVerdict = ({ patron }: Facts): Verdict => {
  const pages =
    patron?.pages === undefined
      ? ['', '']
      : patron.pages === 'honoured'
        ? ['，可分页', ', in pages']
        : ['，不理会分页', ', whole: pages are not heeded']
  if (patron?.entriesAre === 'barcode') return found('lists', `条码${pages[0]}`, `barcodes${pages[1]}`)
  if (patron?.entriesAre === 'title')
    return look(
      'lists',
      `题名${pages[0]}`,
      `titles${pages[1]}`,
      help(
        '请对方改为条码：题名无法准确续借',
        'have them set to barcodes: a title cannot be renewed for certain',
      ),
    )
  return unknown(
    'lists',
    '试验证没有在借',
    'the test card has no loans',
    help('请借一册再试', 'lend it something and try again'),
  )
}

const holdsVerdict = (facts: Facts): Verdict => {
  const meaning = holdMeaning(facts)
  if (meaning === 'waiting') return found('holds', '只数已到馆待取的', 'counts those that lie ready')
  if (meaning === 'all') return found('holds', '也数还没到的', 'counts those not there yet as well')
  return unknown(
    'holds',
    '试验证没有未到的预约，看不出',
    'the card has no hold that is still to come',
    help('请给试验证预约一册别人在借的书再试', 'place a hold on something lent, and try again'),
  )
}

const finesVerdict = ({ patron, fineLines }: Facts): Verdict => {
  const amount = patron?.amount ?? ''
  const form = fineForm(fineLines)
  if (fineLines.length === 0)
    return unknown(
      'fines',
      `没有欠费明细${amount === '' ? '' : `（BV ${amount}）`}`,
      `no lines of fines${amount === '' ? '' : ` (BV ${amount})`}`,
      help('要看欠费写法，请给试验证记一笔欠费', 'to see their form, have a fine put on the test card'),
    )
  const minus = amount.trim().startsWith('-')
  return minus || form === undefined
    ? look(
        'fines',
        `${form ?? '不认识的明细写法'}${minus ? '；负数表示欠款' : ''}`,
        `${form ?? 'lines of a form not known'}${minus ? '; below zero means owed' : ''}`,
      )
    : found('fines', `${form}；正数表示欠款`, `${form}; above zero means owed`)
}

const pinVerdict = ({ patron }: Facts): Verdict[] => {
  if (!patron) return []
  const verdicts: Verdict[] = []
  if (patron.blankPin === 'Y')
    verdicts.push(
      look(
        'pin',
        '空密码也说“正确”：书桥从不以空密码放行',
        'an empty PIN is called right; Shuqiao never lets one in',
      ),
    )
  if (patron.rightPin === undefined)
    verdicts.push(
      unknown(
        'pin',
        '没有试密码',
        'not tried',
        help('用 --pin 给试验证的密码', 'give the PIN of the test card by --pin'),
      ),
    )
  else if (patron.rightPin === 'not-told')
    verdicts.push(
      bad(
        'pin',
        '不回答密码对不对（没有 CQ）：读者无法登录',
        'does not say whether a PIN is right (no CQ): readers cannot log in',
        help('请对方为本账号开通密码核对', 'have the check of PINs enabled for this account'),
      ),
    )
  else if (patron.rightPin === 'N')
    verdicts.push(
      bad('pin', '说试验证的密码不对：只试了一次', 'says the PIN of the test card is wrong; tried once'),
    )
  else if (patron.wrongPin === 'Y')
    verdicts.push(
      bad('pin', '错误的密码也说“正确”：不核对密码', 'calls a wrong PIN right: PINs are not checked'),
    )
  else if (patron.wrongPin === 'N') verdicts.push(found('pin', '对错分明', 'tells right from wrong'))
  else
    verdicts.push(
      look(
        'pin',
        '正确的密码被接受；错误的没有试',
        'a right one is accepted; a wrong one was not tried',
        help(
          '--wrong-pin 试一次错误密码（有的系统会计次锁证）',
          '--wrong-pin tries one (some systems count them and lock the card)',
        ),
      ),
    )
  return verdicts
}

const institutionVerdict = ({ status, foreignInstitution, delimiter }: Facts, given: Given): Verdict[] => {
  const own = given.institution ?? status?.institution ?? ''
  const from =
    status?.institution === undefined || status.institution === ''
      ? '98 里没有'
      : `98 给出 ${status.institution}`
  const fromEn =
    status?.institution === undefined || status.institution === ''
      ? '98 tells none'
      : `98 tells ${status.institution}`
  if (delimiter === '' || foreignInstitution === undefined) return []
  if (foreignInstitution === 'answer')
    return [found('institution', `${from}；写别的也回答`, `${fromEn}; another one is answered as well`)]
  return [
    own === ''
      ? look(
          'institution',
          `${from}；写错就${said(foreignInstitution).zh}`,
          `${fromEn}; a wrong one: ${said(foreignInstitution).en}`,
          help('请对方告知机构代码，用 --institution 给出', 'ask for the code and give it by --institution'),
        )
      : look(
          'institution',
          `${from}；写错就${said(foreignInstitution).zh}`,
          `${fromEn}; a wrong one: ${said(foreignInstitution).en}`,
        ),
  ]
}

const changesVerdict = ({ changes, item, patron }: Facts, given: Given): Verdict[] => {
  if (!given.allowChanges) return []
  if (!changes)
    return [
      unknown(
        'changes',
        item ? `试验册现在是 ${item.status}，没有借` : '没有试',
        item ? `the test item is ${item.status} and was not lent` : 'not tried',
        help('要有 --patron 和一册可借的 --item', 'wants --patron and an available --item'),
      ),
    ]
  const { done, left } = changes
  if (left.length > 0)
    return [
      bad(
        'changes',
        `借出后没有完全还回：${left.join(' ')}，请到馆内系统里还掉`,
        `lent, and not taken back: ${left.join(' ')}; check it in by hand`,
      ),
    ]
  if (done.length === 2) return [backVerdict(changes.now)]
  return [
    look(
      'changes',
      `没有借成${patron?.known === false ? '（不认识试验证）' : ''}，没有改变什么`,
      'the loan was refused; nothing has changed',
    ),
  ]
}

const backVerdict = (now: string | undefined): Verdict =>
  now === undefined || now === 'available'
    ? found('changes', '借出并还回', 'lent and taken back')
    : look(
        'changes',
        `借出并还回；试验册现在是 ${now}`,
        `lent and taken back; the test item is ${now} now`,
        help(
          '请把册放回原处；要它在别处还回，用 --location 给出那里的地点码',
          'put it back where it belongs; for a return elsewhere give that place by --location',
        ),
      )

const latencyVerdict = ({ took }: Facts): Verdict[] => {
  if (took.length === 0) return []
  const sorted = [...took].sort((a, b) => a - b)
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]!
  const most = sorted.at(-1)!
  const make = most > 3000 ? look : found
  return [
    make(
      'latency',
      `中位 ${middle} 毫秒，最长 ${most} 毫秒（${took.length} 次）`,
      `median ${middle} ms, longest ${most} ms (${took.length} answers)`,
    ),
  ]
}

const connectionsVerdict = ({ connections }: Facts): Verdict[] => {
  if (!connections) return []
  const { opened, bound, end } = connections
  if (end === 'bound')
    return [
      found(
        'connections',
        `至少 ${opened} 个（只试到 ${bound}）`,
        `at least ${opened} (tried no further than ${bound})`,
      ),
    ]
  if (opened === 0)
    return [unknown('connections', `没有试成（${said(end).zh}）`, `could not be tried (${said(end).en})`)]
  return [
    look('connections', `${opened} 个；再多就${said(end).zh}`, `${opened}; a further one: ${said(end).en}`),
  ]
}
