import type { RecordsLoans } from '../../adapters/credit/credit.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Store } from '../store/db.ts'
import type { Personal } from '../store/personal.ts'
import type { AccountParts } from './accounts.ts'
import type { ProviderOf } from './firewall.ts'

/** Who a library has a contract with; each is asked only about its own. */
export interface Providers {
  readonly zhima?: ProviderOf<'zhima'> & Partial<RecordsLoans>
}

/** What the credit service is made of. */
export interface CreditParts extends AccountParts {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly personal: Pick<Personal, 'seal' | 'open' | 'lookup'>
  readonly log: Log
  readonly providersOf: (libraryId: string) => Providers
}
