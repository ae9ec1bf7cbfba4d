import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Admission, AdmissionRequest, CreditPerson } from '../../../src/adapters/credit/credit.ts'
import { ask, type ConsentFor, type Finding, type ProviderOf } from '../../../src/gateway/credit/firewall.ts'
import { yes } from '../../../src/kernel/problem.ts'

describe('the wall between providers', () => {
  it('leaves a question no room for what another provider said', () => {
    expectTypeOf<AdmissionRequest>().toEqualTypeOf<{
      readonly key: string
      readonly person: CreditPerson
      readonly threshold: number
    }>()
    expectTypeOf<CreditPerson>().toEqualTypeOf<
      | { readonly kind: 'identity-card'; readonly name: string; readonly number: string }
      | { readonly kind: 'platform-user'; readonly openId: string }
    >()
    expectTypeOf<Finding<'zhima'>>().not.toExtend<AdmissionRequest>()
    expectTypeOf<Finding<'zhima'>>().not.toExtend<CreditPerson>()
    expectTypeOf<Finding<'zhima'>>().not.toExtend<Finding<'city'>>()
  })

  it('takes no consent that was given for another provider or purpose', () => {
    type Consent = Parameters<typeof ask<'zhima'>>[1]
    expectTypeOf<ConsentFor<'zhima', 'admission'>>().toExtend<Consent>()
    expectTypeOf<ConsentFor<'city', 'admission'>>().not.toExtend<Consent>()
    expectTypeOf<ConsentFor<'zhima', 'loan-record'>>().not.toExtend<Consent>()
  })

  it('stops a consent for another provider also where types were talked away', async () => {
    const provider: ProviderOf<'zhima'> = { name: 'zhima', admit: async () => yes({} as Admission) }
    const consent = { provider: 'city', purpose: 'admission', id: '1', until: 0 } as unknown as ConsentFor<
      'zhima',
      'admission'
    >
    await expect(
      ask(provider, consent, { key: 'k', person: { kind: 'platform-user', openId: 'o' }, threshold: 600 }),
    ).rejects.toThrow()
  })

  it('lets nothing one provider said reach another, whatever is pushed into the question', async () => {
    const said = fc.string({ minLength: 8, maxLength: 20 }).map(text => `said:${text}`)
    await fc.assert(
      fc.asyncProperty(said, said, async (reference, extra) => {
        const received: unknown[] = []
        const provider = <P extends string>(name: P, answers: string): ProviderOf<P> => ({
          name,
          admit: async request => {
            received.push({ name, request })
            return yes({ outcome: 'yes', reference: answers, at: 1 })
          },
        })
        const person = { kind: 'platform-user', openId: 'open' } as const
        const question = { key: 'k', person, threshold: 600 }
        const consent = <P extends string>(to: P): ConsentFor<P, 'admission'> => ({
          provider: to,
          purpose: 'admission',
          id: to,
          until: 9,
        })
        const first = await ask(provider('zhima', reference), consent('zhima'), question)
        if (!first.ok) throw new Error('no answer')
        expect(first.value.provider).toBe('zhima')
        const smuggled = { ...question, note: extra, finding: first.value } as AdmissionRequest
        await ask(provider('city', 'x'), consent('city'), smuggled)
        expect(JSON.stringify(received[1])).not.toContain(JSON.stringify(reference).slice(1, -1))
        expect(received[1]).toEqual({ name: 'city', request: question })
      }),
    )
  })

  it('is the only place of the gateway that asks a provider', () => {
    const folder = new URL('../../../src/gateway/', import.meta.url)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file =>
      file.endsWith('.ts'),
    )
    const callers = files.filter(file => /\.admit\(/.test(readFileSync(new URL(file, folder), 'utf8')))
    expect(callers).toEqual(['credit/firewall.ts'])
  })
})
