import type { Facts } from './facts.ts'
import type { Given } from './given.ts'
import { bad, found, help, look, unknown, type Verdict } from './verdict.ts'
import { said } from './verdicts-line.ts'

/** Charset, checksums, numbers: what every message is made of. */
export const wireVerdicts = (facts: Facts, given: Given): Verdict[] => [
  encodingVerdict(facts, given),
  ...loginCharsetVerdict(facts),
  ...questionVerdict(facts),
  oursVerdict(facts),
  theirsVerdict(facts),
  ...sequenceVerdict(facts),
  ...repeatVerdicts(facts),
]

const encodingVerdict = ({ encoding }: Facts, given: Given): Verdict => {
  if (given.encoding !== undefined)
    return encoding?.is === 'found' && encoding.encoding !== given.encoding
      ? look(
          'encoding',
          `按你给的 ${given.encoding}；看上去是 ${encoding.encoding}`,
          `${given.encoding}, as you said; it looks like ${encoding.encoding}`,
        )
      : found('encoding', `${given.encoding}（按你给的）`, `${given.encoding}, as you said`)
  if (encoding?.is === 'found') return found('encoding', encoding.encoding, encoding.encoding)
  const give = help(
    '请用 --patron 或 --item 给一个带中文的证号或条码，或用 --encoding 指定',
    'give a card or an item with a Chinese name by --patron or --item, or say --encoding',
  )
  if (encoding?.is === 'undecided') {
    const shown = encoding.readings.map(({ encoding: name, text }) => `${name}: ${text}`).join('  |  ')
    return unknown(
      'encoding',
      `分不清，请看哪个读得通（再用 --encoding 指定）：${shown}`,
      `undecided: which of these reads well? Then say --encoding: ${shown}`,
    )
  }
  if (encoding?.is === 'ascii-only' && encoding.stripped)
    return look(
      'encoding',
      '对方把中文变成了问号：请对方给本账号改用 UTF-8 或 GB18030',
      'Chinese has become question marks: have this account set to UTF-8 or GB18030 there',
      give,
    )
  return unknown('encoding', '回答里只有 ASCII，看不出', 'nothing but ASCII has come', give)
}

const loginCharsetVerdict = ({ encoding, loginEncoding }: Facts): Verdict[] =>
  encoding?.is === 'found' && loginEncoding?.is === 'found' && encoding.encoding !== loginEncoding.encoding
    ? [look('encoding', `登录前是 ${loginEncoding.encoding}`, `${loginEncoding.encoding} before the log-in`)]
    : []

const questionVerdict = ({ echo, sums }: Facts): Verdict[] => {
  if (echo === undefined) return []
  if (echo === 'same') {
    const rule = sums.rule === 'utf-16'
    return [
      rule
        ? look(
            'question',
            '中文原样回来，但校验按 UTF-16 单元计算',
            'comes back as it was, with sums over UTF-16 units',
          )
        : found('question', '中文原样回来', 'comes back as it was'),
    ]
  }
  if (echo === 'not-told')
    return [unknown('question', '回答不带条码，看不出', 'the answer does not tell the barcode')]
  if (echo === 'refused')
    return [look('question', '带中文的查询没有得到回答', 'a question with Chinese is not answered')]
  return [
    look(
      'question',
      '中文回来时变了样：条码、证号请只用字母数字',
      'comes back changed: keep cards and barcodes to letters and digits',
    ),
  ]
}

const oursVerdict = ({ sums }: Facts): Verdict => {
  const { send, without, wrong } = sums
  if (!send)
    return found(
      'sums',
      '不要 AY/AZ；带上反而没有回答',
      'AY and AZ are not wanted: with them nothing is answered',
    )
  if (without === undefined) return unknown('sums', '没有试成', 'could not be tried')
  const checks = wrong === undefined ? '' : wrong === 'answer' ? '，写错也不管' : `，写错时${said(wrong).zh}`
  const checksEn =
    wrong === undefined
      ? ''
      : wrong === 'answer'
        ? '; a wrong sum is not noticed'
        : `; a wrong sum: ${said(wrong).en}`
  return without === 'answer'
    ? found('sums', `AY/AZ 可有可无${checks}`, `AY and AZ may be left out${checksEn}`)
    : found(
        'sums',
        `必须带 AY/AZ（不带：${said(without).zh}）${checks}`,
        `AY and AZ are needed (without: ${said(without).en})${checksEn}`,
      )
}

const theirsVerdict = ({ sums }: Facts): Verdict => {
  if (sums.theirs.size === 0) return unknown('answers', '没有见到', 'none was seen')
  const verdicts = [...sums.theirs]
  if (verdicts.every(verdict => verdict === 'absent'))
    return found('answers', '回答不带 AY/AZ', 'answers carry none')
  if (verdicts.includes('wrong'))
    return look('answers', '有的回答校验不对：不核对', 'some sums are wrong: they will not be looked at')
  if (verdicts.includes('ok:dp2'))
    return found('answers', 'dp2 的算法，序号恒为 4', 'in the manner of dp2, always AY4')
  if (verdicts.includes('ok:utf-16'))
    return look('answers', '按 UTF-16 单元计算，不是字节', 'over UTF-16 units, not bytes')
  if (verdicts.includes('absent'))
    return look('answers', '有的带，有的不带', 'some answers carry them, some do not')
  return sums.told.size > 0
    ? found('answers', '按字节计算，正确', 'over bytes, and right')
    : found(
        'answers',
        '正确（都是 ASCII，看不出按字节还是按字符）',
        'right; all ASCII, so bytes and characters cannot be told apart',
      )
}

const sequenceVerdict = ({ sequence }: Facts): Verdict[] => {
  const { copied, other } = sequence
  if (copied + other < 3) return []
  return other === 0
    ? [found('sequence', '照抄我方的 AY', 'AY is copied')]
    : [
        look(
          'sequence',
          '不照抄我方的 AY：按内容认领回答',
          'AY is not copied: answers are known by what they are about',
        ),
      ]
}

const repeatVerdicts = ({ repeat, resend }: Facts): Verdict[] => {
  const verdicts: Verdict[] = []
  if (repeat === 'remembered')
    verdicts.push(
      found(
        'repeat',
        '同样的报文再来一次，给的是记住的回答',
        'the same message once more brings the remembered answer',
        help(
          '若对方书面确认借还也如此，可设 resendActs: true',
          'where they confirm in writing that it holds for loans too, resendActs: true may be set',
        ),
      ),
    )
  if (repeat === 'again')
    verdicts.push(
      look(
        'repeat',
        '同样的报文再来一次会重新办理：借还绝不盲目重发',
        'the same message once more is carried out again: loans are never repeated blindly',
      ),
    )
  if (repeat === 'unclear') verdicts.push(unknown('repeat', '看不出是否重新办理', 'cannot be told'))
  if (resend === 'kept' || resend === 'zero')
    verdicts.push(
      found(
        'resend',
        resend === 'kept' ? '给出上一条回答' : '给出上一条回答，序号写 0',
        resend === 'kept' ? 'brings the last answer' : 'brings the last answer with AY0',
      ),
    )
  else if (resend !== undefined) {
    const how = resend === 'other' ? { zh: '回答的是别的', en: 'something else comes' } : said(resend)
    verdicts.push(
      look('resend', `不支持（${how.zh}）：不再发送`, `not served (${how.en}): it will not be sent`),
    )
  }
  return verdicts
}

export const budgetVerdict = ({ stopped }: Facts): Verdict[] => {
  if (stopped === undefined) return []
  const what = {
    connections: ['连接数', 'connections'],
    requests: ['请求数', 'requests'],
    time: ['时间', 'time'],
  }[stopped]
  return [
    bad('budget', `${what[0]}用完，没有探完`, `it has used up its ${what[1]} and did not come to an end`),
  ]
}
