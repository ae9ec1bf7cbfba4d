import type { Message, Parsed } from '../../adapters/ils/sip2/codec.ts'
import { sipDate } from '../../adapters/ils/sip2/codec.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { Account, Limits } from './accounts.ts'
import type { Back } from './back.ts'
import type { Place } from './ports.ts'
import { inLanguage, words } from './words.ts'

/** Commands in the order of BX. */
const order = [
  '23',
  '11',
  '09',
  '01',
  '99',
  '97',
  '93',
  '63',
  '35',
  '37',
  '17',
  '19',
  '25',
  '15',
  '29',
  '65',
] as const
const ownCommands: ReadonlySet<string> = new Set(['99', '97', '93', '35'])

/** What 98 says of us now; its parts are compared to see whether a machine must be told anew. */
export interface Standing {
  readonly online: boolean
  readonly checkin: boolean
  readonly checkout: boolean
  readonly renewal: boolean
  readonly update: boolean
  readonly offline: boolean
  /** BX. */
  readonly supported: string
}

const mayUse = (account: Account, command: string): boolean =>
  account.commands === undefined || account.commands.includes(command)

/** What can be done for an account now, truthfully. */
export const standingOf = (account: Account, back: Back): Standing => {
  const { offline, byHand } = account
  const alone = byHand || back.away()
  const can = (command: string): boolean => {
    if (ownCommands.has(command)) return true
    if (!mayUse(account, command)) return false
    if (!alone) return back.serves(command)
    if (command === '11') return offline.checkouts
    if (command === '09') return offline.checkins
    return ['23', '63', '17'].includes(command)
  }
  return {
    online: !back.away() || byHand || offline.checkins || offline.checkouts,
    checkin: can('09'),
    checkout: can('11'),
    renewal: can('29'),
    update: can('19'),
    offline: offline.checkins || offline.checkouts,
    supported: order.map(command => (can(command) ? 'Y' : 'N')).join(''),
  }
}

export const isAllowed = (account: Account, command: string): boolean =>
  ownCommands.has(command) || mayUse(account, command)

export const markOf = (standing: Standing): string => JSON.stringify(standing)

const flag = (yes: boolean): string => (yes ? 'Y' : 'N')

export interface StatusParts {
  readonly request: Parsed
  readonly now: Millis
  readonly zone: string
  readonly limits: Pick<Limits, 'answerTime'>
}

/** 98; kiosks set their clocks by it, so its date is the library's local time. */
export const statusMessage = (
  { request, now, zone, limits }: StatusParts,
  standing: Standing,
  about:
    | {
        readonly account: Account
        readonly place: Place
        readonly library: { readonly zh: string; readonly en: string }
        readonly away: boolean
      }
    | undefined,
): Message => {
  const language = about?.account.language ?? '019'
  return {
    command: '98',
    fixed: {
      onlineStatus: flag(standing.online),
      checkinOk: flag(standing.checkin),
      checkoutOk: flag(standing.checkout),
      renewalPolicy: flag(standing.renewal),
      statusUpdateOk: flag(standing.update),
      offlineOk: flag(standing.offline),
      timeout: String(Math.min(998, Math.max(1, Math.round(limits.answerTime / 100)))).padStart(3, '0'),
      retries: '003',
      date: sipDate(now, zone),
      version: '2.00',
    },
    fields: about
      ? [
          ['AO', about.account.institution],
          ['AM', inLanguage(about.library, language)],
          ['BX', standing.supported],
          ['AN', inLanguage(about.place.name, language)],
          ...(about.away ? [['AF', inLanguage(words.away, language)] as const] : []),
        ]
      : [
          ['AO', ''],
          ['BX', standing.supported],
        ],
    sequence: request.sequence,
  }
}

/** What a machine that has not logged in is told: that somebody is here. */
export const strangersStanding: Standing = {
  online: true,
  checkin: false,
  checkout: false,
  renewal: false,
  update: false,
  offline: false,
  supported: order.map(command => (ownCommands.has(command) && command !== '35' ? 'Y' : 'N')).join(''),
}
