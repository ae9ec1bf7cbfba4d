import { createSip2Ils, type Sip2Ils } from '../../../../src/adapters/ils/sip2/sip2.ts'
import { ManualClock } from '../../../../src/kernel/clock.ts'
import { seededRandom } from '../../../../src/kernel/ids.ts'
import { type Acs, but, friendly, type Heard, item18, type Link, now, patron64 } from './acs.ts'

/** What happens to one request after it has reached the library system. */
export const fates = [
  'answered',
  'cut-before',
  'cut-after',
  'cut-inside-answer',
  'silent-before',
  'silent-after',
  'slow',
  'late',
  'damaged',
  'damaged-96',
  'status-instead',
  'twice',
  'noise',
] as const
export type Fate = (typeof fates)[number]

/**
 * A library system that counts what it has carried out. It knows no mercy: a loan asked for again by the reader
 * who has it is made again (some renew it, whatever the renewal policy says), and the same AY and AZ too.
 */
export class Library {
  readonly loans = new Map<string, string>()
  carriedOut = 0
  fate: () => Fate = () => 'answered'
  /** Called when the client is left waiting. */
  onSilence: () => void = () => {}
  #last = ''
  #slow: (() => void)[] = []

  /** What was slow gets done, long after the client has given up. */
  catchUp(): void {
    for (const act of this.#slow.splice(0)) act()
  }

  readonly script = but((heard, link) => this.#take(heard, link))

  #take(heard: Heard, link: Link): boolean {
    if (heard.command === '97') {
      link.raw(`${this.#last}\r`)
      return true
    }
    if (!['11', '17', '63'].includes(heard.command)) return false
    const fate = this.fate()
    if (fate === 'cut-before') link.reset()
    else if (fate === 'silent-before') this.onSilence()
    else if (fate === 'slow') {
      this.#slow.push(() => this.#carryOut(heard))
      this.onSilence()
    } else if (fate === 'damaged-96') link.raw('96AZFEF6\r')
    else if (fate === 'status-instead') friendly({ ...heard, command: '99' }, link)
    else this.#answer(heard, link, fate)
    return true
  }

  #answer(heard: Heard, link: Link, fate: Fate): void {
    const text = this.#carryOut(heard)
    this.#last = signed(text, heard.ay)
    if (fate === 'cut-after') link.reset()
    else if (fate === 'cut-inside-answer') {
      link.raw(text.slice(0, text.length / 2))
      link.end()
    } else if (fate === 'silent-after') this.onSilence()
    else if (fate === 'late') {
      this.onSilence()
      link.answer(text)
    } else if (fate === 'damaged') link.answer(text, { az: '0001' })
    else if (fate === 'noise') link.raw('系统错误，请稍候\r')
    else {
      link.answer(text)
      if (fate === 'twice') link.answer(text)
    }
  }

  #carryOut(heard: Heard): string {
    const card = heard.value('AA')
    const barcode = heard.value('AB')
    if (heard.command === '17') return item18(barcode, this.loans.has(barcode) ? '04' : '03', 'AH2026-12-22|')
    if (heard.command === '63') {
      const items = [...this.loans].filter(([, who]) => who === card).map(([what]) => what)
      return patron64(
        card,
        `00000000${String(items.length).padStart(4, '0')}000000000000`,
        items.map(i => `AU${i}|`).join(''),
      )
    }
    if (this.loans.has(barcode) && this.loans.get(barcode) !== card)
      return `120NUN${now}AOLIB|AA${card}|AB${barcode}|AJ|AH|AF已借出|`
    this.loans.set(barcode, card)
    this.carriedOut++
    return `121NNY${now}AOLIB|AA${card}|AB${barcode}|AJ图书馆学基础|AH2026-12-22|`
  }
}

const signed = (text: string, ay: string): string => {
  const body = `${text}${ay === '' ? '' : `AY${ay}`}AZ`
  let sum = 0
  for (const byte of Buffer.from(body)) sum += byte
  return body + (-sum & 0xffff).toString(16).toUpperCase().padStart(4, '0')
}

/** A minute in small steps, with turns of the event loop between them, so that real sockets keep up. */
const wait = async (clock: ManualClock): Promise<void> => {
  for (let second = 0; second < 65; second++) {
    await clock.advance(1_000)
    for (let turn = 0; turn < 6; turn++) await new Promise(resolve => setImmediate(resolve))
  }
}

/** Comes again like the outbox does, until the answer is certain. */
const lend = async (ils: Sip2Ils, library: Library, clock: ManualClock): Promise<string> => {
  for (let attempt = 0; attempt < 60; attempt++) {
    const answer = await ils.checkout({
      key: 'k',
      repeated: attempt > 0,
      card: 'R1',
      barcode: 'B1',
      at: clock.now(),
    })
    if (answer.ok) return 'lent'
    if (answer.problem.retry === 'never') return answer.problem.code
    library.catchUp()
    await wait(clock)
  }
  return 'never certain'
}

/** One loan of B1 to R1 against a library system with these fates, until gateway and library are certain. */
export const meet = async (
  acs: Acs,
  plan: readonly Fate[],
  profile: { sendChecksum: boolean; retries: number },
  before: 'free' | 'lent-to-another',
): Promise<{ outcome: string; library: Library }> => {
  const library = new Library()
  if (before === 'lent-to-another') library.loans.set('B1', 'R2')
  const clock = new ManualClock('2026-11-22T01:30:00Z')
  const left = [...plan]
  library.fate = () => left.shift() ?? 'answered'
  library.onSilence = () => void clock.advance(profile.retries === 0 ? 6_000 : 95_000)
  acs.script = library.script
  const ils = createSip2Ils(
    { name: 'ils', host: '127.0.0.1', port: acs.port, profile: { ...profile, responseTimeoutSeconds: 5 } },
    { clock, random: seededRandom(plan.join()) },
  )
  const outcome = await lend(ils, library, clock)
  await ils.close()
  return { outcome, library }
}
