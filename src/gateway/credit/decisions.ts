import type { Words } from '../../kernel/problem.ts'
import { type JoinWay, joinWays, type PolicyPack, type Tier } from './pack.ts'
import { tierOf } from './tiers.ts'
import { decisionWords as say } from './words.ts'

/** Outcomes only: nothing here says who somebody is, or how far from a threshold. */
export interface DecisionInputs {
  readonly way: JoinWay
  /** Of the platform, when `way` asks one. */
  readonly platform?: 'yes' | 'no' | 'unknown' | 'unreachable'
  readonly depositHeld: boolean
  readonly balance: number
  /** Ways the reader is admitted by already. */
  readonly admittedBy: readonly JoinWay[]
}

export interface Decision {
  readonly result: 'admitted' | 'other-way' | 'refused'
  readonly tier: Tier | null
  /** What was looked at, in order, with its meaning. */
  readonly rules: readonly { readonly rule: string; readonly text: Words }[]
  readonly reason: Words
  /** Never empty when the reader is not admitted. */
  readonly otherWays: readonly JoinWay[]
}

/** Admission of one reader by one way, under one pack. `refused` is left to people: a rule always leaves a way on. */
export const decide = (inputs: DecisionInputs, pack: PolicyPack): Decision => {
  const offered = joinWays.filter(way => pack.ways.some(entry => entry.way === way))
  const [rule, text, admitted] = judge(inputs, pack, offered)
  const again = rule === 'platform-unreachable'
  const otherWays = offered.filter(way => way !== inputs.way || again)
  const fired = [{ rule, text }]
  if (!admitted) return { result: 'other-way', tier: null, rules: fired, reason: text, otherWays }
  const ways = [...new Set([...inputs.admittedBy, inputs.way])]
  const tier = tierOf({ ways, balance: inputs.balance, redemptions: 0 }, pack) ?? null
  const rules = tier ? [...fired, { rule: 'tier', text: join(say.tier(tier.name), tier.condition) }] : fired
  return { result: 'admitted', tier, rules, reason: text, otherWays }
}

type Judgement = readonly [rule: keyof typeof say, text: Words, admitted: boolean]

const judge = (inputs: DecisionInputs, pack: PolicyPack, offered: readonly JoinWay[]): Judgement => {
  if (!offered.includes(inputs.way)) return ['way-not-offered', say['way-not-offered'](), false]
  if (inputs.way === 'card') return ['card-good', say['card-good'](), true]
  if (inputs.way === 'deposit')
    return inputs.depositHeld
      ? ['deposit-held', say['deposit-held'](pack.deposit), true]
      : ['deposit-missing', say['deposit-missing'](pack.deposit), false]
  const threshold = pack.threshold.zhima
  if (inputs.platform === 'yes') return ['platform-yes', say['platform-yes'](threshold), true]
  if (inputs.platform === 'no') return ['platform-no', say['platform-no'](threshold), false]
  return inputs.platform === 'unknown'
    ? ['platform-unknown', say['platform-unknown'](), false]
    : ['platform-unreachable', say['platform-unreachable'](), false]
}

const join = (a: Words, b: Words): Words => ({ zh: `${a.zh}${b.zh}`, en: `${a.en} ${b.en}` })
