import type { Admission, AdmissionRequest, CreditProvider } from '../../adapters/credit/credit.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { Answer } from '../../kernel/problem.ts'

/**
 * The wall between providers, as types. A consent and a finding carry the name of the provider they belong to;
 * the only way to ask takes a question whose type has room for nothing another provider said.
 */
export interface ProviderOf<P extends string> extends CreditProvider {
  readonly name: P
}

export const purposes = ['admission', 'loan-record'] as const
export type Purpose = (typeof purposes)[number]

/** A consent that was found on record, live, for this provider and purpose. */
export interface ConsentFor<P extends string, Q extends Purpose = Purpose> {
  readonly provider: P
  readonly purpose: Q
  readonly id: string
  readonly until: Millis
}

/** What a provider answered; it is typed with its source and fits no question. */
export interface Finding<P extends string> extends Admission {
  readonly provider: P
}

export const ask = async <P extends string>(
  provider: ProviderOf<P>,
  consent: ConsentFor<NoInfer<P>, 'admission'>,
  { key, person, threshold }: AdmissionRequest,
): Promise<Answer<Finding<P>>> => {
  if (consent.provider !== provider.name) throw new Error('a consent for another provider was used')
  const answer = await provider.admit({ key, person, threshold })
  return answer.ok ? { ok: true, value: { ...answer.value, provider: provider.name } } : answer
}
