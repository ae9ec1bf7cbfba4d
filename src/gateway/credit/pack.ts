import { z } from 'zod'
import type { Millis } from '../../kernel/clock.ts'
import { type Day, dayOf, parseDay } from './days.ts'
import { type RuleId, ruleIds } from './facts.ts'

const words = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/)

export const joinWays = ['zhima', 'card', 'deposit'] as const
export type JoinWay = (typeof joinWays)[number]

const pointRule = z.strictObject({
  rule: z.enum(ruleIds),
  name: words,
  /** What one fact (for `overdue`: one item and day) is worth. */
  points: z.int(),
  /** The most points of this rule on one local day. */
  perDay: z.int().positive().optional(),
  /** How often it counts at all. */
  times: z.int().positive().optional(),
  /** Whether it counts towards `yearlyGain`. */
  countsToYear: z.boolean().optional(),
  limit: words.nullable(),
})

const tier = z.strictObject({
  id,
  name: words,
  condition: words,
  /** Admitted by one of these ... */
  ways: z.array(z.enum(joinWays)).min(1),
  /** ... and with at least this many points. */
  minBalance: z.int().optional(),
  maxItems: z.int().positive(),
  loanDays: z.int().positive(),
  renewals: z.int().min(0),
  deliveryDiscountPercent: z.int().min(0).max(100),
  /** Fen. */
  deposit: z.int().min(0),
  drawPriority: z.boolean().default(false),
  invitations: z.boolean().default(false),
})

/**
 * What a library asks for and gives, as data: thresholds, tiers, point rules, freezes. A pack is never changed;
 * a new version comes with its own first day. `ways` has two at least, so that nobody meets a dead end, and one
 * tier asks for nothing but having joined.
 */
export const policyPack = z
  .strictObject({
    name: id,
    version: z.string().regex(/^\d{4}\.\d{1,3}$/),
    /** First local day it applies to. */
    from: z.iso.date(),
    threshold: z.strictObject({ zhima: z.int().min(350).max(950), text: words }),
    ways: z.array(z.strictObject({ way: z.enum(joinWays), name: words, text: words })).min(2),
    /** Fen; what joining `deposit` asks for. */
    deposit: z.int().min(0),
    /** Days a platform's answer is used before it is asked again. */
    admissionDays: z.int().positive(),
    /** Days a consent lasts. */
    consentDays: z.int().positive(),
    /** Best first. */
    tiers: z.array(tier).min(1),
    points: z.array(pointRule),
    yearlyGain: z.int().positive(),
    freeze: z.strictObject({ below: z.int(), days: z.int().positive() }),
    /** Items each effective redemption adds. */
    itemsPerRedemption: z.int().min(0),
  })
  .refine(
    pack => new Set(pack.ways.map(entry => entry.way)).size === pack.ways.length,
    'a way is named twice',
  )
  .refine(
    pack => new Set(pack.tiers.map(entry => entry.id)).size === pack.tiers.length,
    'a tier is named twice',
  )
  .refine(
    pack => new Set(pack.points.map(entry => entry.rule)).size === pack.points.length,
    'a rule is named twice',
  )
  .refine(
    pack =>
      pack.tiers.some(
        entry => entry.minBalance === undefined && pack.ways.every(({ way }) => entry.ways.includes(way)),
      ),
    'one tier must be open to every way and balance',
  )
export type PolicyPack = z.infer<typeof policyPack>
export type Tier = PolicyPack['tiers'][number]
export type PointRule = PolicyPack['points'][number]

/** The pack in force on a day: the newest that has begun, or the first of all before that. */
export const packOn = (packs: readonly PolicyPack[], day: Day): PolicyPack => {
  const sorted = packs.toSorted((a, b) => parseDay(a.from) - parseDay(b.from))
  const first = sorted[0]
  if (!first) throw new Error('a library needs a policy pack')
  return sorted.findLast(pack => parseDay(pack.from) <= day) ?? first
}

export const packAt = (packs: readonly PolicyPack[], at: Millis, zone: string): PolicyPack =>
  packOn(packs, dayOf(at, zone))

export const ruleOf = (pack: PolicyPack, rule: RuleId): PointRule | undefined =>
  pack.points.find(entry => entry.rule === rule)
