import type { Clock, Millis } from '../../../kernel/clock.ts'
import { type Answer, no, refused, yes } from '../../../kernel/problem.ts'
import type { HttpPeer, HttpReply } from '../../http.ts'
import type { AdmissionRequest, CreditProvider, LoanNotice, RecordsLoans } from '../credit.ts'
import {
  borrowCreate,
  borrowQuery,
  borrowReturn,
  type Call,
  type ContractState,
  callParams,
  type Reply,
  readBorrowQuery,
  readReply,
  readScoreBrief,
  scoreBrief,
  type ZhimaSettings,
} from './messages.ts'
import { cutReply, sign, signingString } from './signing.ts'

export interface ZhimaParts {
  readonly peer: HttpPeer
  readonly clock: Pick<Clock, 'now'>
  /** For one call with a person waiting; loans are told in the background with the same patience. */
  readonly deadline?: Millis
}

const tries = 2

/**
 * Zhima credit through the Alipay open platform, key mode. Keeps nothing: the admission is returned and the
 * person forgotten; the score is never asked for.
 */
export const createZhima = (settings: ZhimaSettings, parts: ZhimaParts): CreditProvider & RecordsLoans => {
  const send = async (call: Call): Promise<Answer<Reply>> => {
    const params = callParams(call, settings, parts.clock.now())
    const { biz_content = '', ...common } = params
    const signed = { ...common, sign: sign(signingString(params), settings.privateKey) }
    const reply = await parts.peer.send({
      method: 'POST',
      url: `${settings.gateway}?${new URLSearchParams(signed)}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
      body: String(new URLSearchParams({ biz_content })),
      deadline: parts.deadline ?? 5000,
      maxBytes: 64 * 1024,
      note: { request: call.method, reply: reply => describe(reply, call) },
    })
    return reply.ok ? readReply(reply.value.body.toString('utf8'), call, settings) : reply
  }
  const ask = async (call: Call): Promise<Answer<Reply>> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await send(call)
      if (answer.ok || answer.problem.kind !== 'unreachable' || attempt === tries) return answer
      if (answer.problem.code === 'peer-resting') return answer
    }
  }
  const query = async (key: string): Promise<Answer<ContractState>> => {
    const answer = await ask(borrowQuery(key, settings))
    return answer.ok ? readBorrowQuery(answer.value, settings) : answer
  }
  /** A refusal may mean that the platform has it already (our first answer was lost): asking settles it. */
  const tell = async (
    call: Call,
    loan: LoanNotice,
    told: (state: ContractState, item: string) => boolean,
  ): Promise<Answer<void>> => {
    const answer = await ask(call)
    if (answer.ok) return yes(undefined)
    if (answer.problem.kind !== 'refused') return answer
    const state = await query(loan.key)
    return state.ok && loan.items.every(item => told(state.value, item.id)) ? yes(undefined) : answer
  }
  return {
    name: 'zhima',
    admit: async request => {
      const fault = faultOf(request)
      if (fault) return no(fault)
      const answer = await ask(scoreBrief(request, settings))
      return answer.ok ? readScoreBrief(answer.value, parts.clock.now()) : answer
    },
    recordLoan: loan =>
      tell(
        borrowCreate(loan, settings),
        loan,
        (state, item) => state.borrowed.has(item) || state.returned.has(item),
      ),
    recordReturn: loan => tell(borrowReturn(loan, settings), loan, (state, item) => state.returned.has(item)),
  }
}

const faultOf = ({ key, threshold }: AdmissionRequest) => {
  if (/^\w{1,64}$/.test(key) && Number.isInteger(threshold) && threshold >= 350 && threshold <= 950)
    return undefined
  return refused('credit-question-malformed', {
    zh: '信用查询的参数不符合平台要求。',
    en: 'The credit query does not fit what the platform accepts.',
  })
}

/** For the transcript: codes only. Whether somebody was admitted is personal and stays out of it. */
const describe = (reply: HttpReply, call: Call): string => {
  const raw = cutReply(reply.body.toString('utf8'), call.method)?.raw ?? ''
  const code = /"code":"(\d{1,8})"/.exec(raw)?.[1] ?? '?'
  const sub = /"sub_code":"([\w.-]{1,60})"/.exec(raw)?.[1]
  return `${reply.status} ${code}${sub === undefined ? '' : ` ${sub}`}`
}
