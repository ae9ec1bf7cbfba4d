import type { Encoding } from '../../adapters/ils/sip2/encodings.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { RandomBytes } from '../../kernel/ids.ts'
import type { Words } from '../../kernel/problem.ts'

/** What goes wrong with one exchange. `act` tells whether the library system carries the request out. */
export type Fault =
  | { readonly kind: 'silence'; readonly act: 'done' | 'not-done' }
  /** Acts at once and answers after `by`: within the client's patience, or late. */
  | { readonly kind: 'delay'; readonly by: Millis }
  /** Acts only after `by`, even when the terminal has gone meanwhile, and answers then. */
  | { readonly kind: 'slow'; readonly by: Millis }
  | { readonly kind: 'reset'; readonly when: 'before-act' | 'after-act' | 'mid-answer' }
  /** Acts, then closes its side without an answer. */
  | { readonly kind: 'half-close' }
  | { readonly kind: 'wrong-checksum' }
  | { readonly kind: 'wrong-sequence' }
  | { readonly kind: 'twice' }
  /** Acts and answers with a whole line that lacks its end. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'refusal'; readonly say?: Words }
  | { readonly kind: 'encoding'; readonly encoding: Encoding }
  /** Acts, and answers with something that is no message. */
  | { readonly kind: 'noise' }
  /** Answers 98 in place of the answer and does not act. */
  | { readonly kind: 'status-instead' }

export interface FaultRule {
  /** Command of the request (`11`), or all of them. */
  readonly on: string | '*'
  readonly fault: Fault
  /** How often it strikes before it is used up; once when absent. */
  readonly times?: number
  /** Probability between 0 and 1 for each request; certain when absent. */
  readonly chance?: number
  /** Requests let through first. */
  readonly skip?: number
}

/** `offline`: 98 says N and acts are refused by 98. `refuse-connections`: nobody is there. */
export type Closing = 'open' | 'offline' | 'refuse-connections'

/** The switches of a sandbox library system, thrown while it runs. */
export class Faults {
  readonly #random: RandomBytes
  readonly #struck = new Map<string, number>()
  #rules: { rule: FaultRule; left: number; skip: number }[] = []
  #closing: Closing = 'open'
  #mask: string | undefined
  #onClosing: (closing: Closing) => Promise<void> = async () => {}

  constructor(random: RandomBytes) {
    this.#random = random
  }

  /** Adds a rule, looked at after the earlier ones; the returned function takes it away. */
  set(rule: FaultRule): () => void {
    const entry = { rule, left: rule.times ?? 1, skip: rule.skip ?? 0 }
    this.#rules.push(entry)
    return () => {
      this.#rules = this.#rules.filter(r => r !== entry)
    }
  }

  /** Takes all rules away, opens the library and forgets a changed mask. */
  async clear(): Promise<void> {
    this.#rules = []
    this.#mask = undefined
    await this.close('open')
  }

  /** Night and morning. Connections that stand are cut when nobody is there any more; done when it holds. */
  async close(closing: Closing): Promise<void> {
    this.#closing = closing
    await this.#onClosing(closing)
  }
  get closing(): Closing {
    return this.#closing
  }

  /** Another BX from now on; undefined gives the dialect's own back. */
  changeMask(supported: string | undefined): void {
    this.#mask = supported
  }
  get mask(): string | undefined {
    return this.#mask
  }

  /** How often each kind has struck. */
  struck(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#struck)
  }

  /** The fault that strikes this request, used up by asking. */
  next(command: string): Fault | undefined {
    for (const entry of this.#rules) {
      if (entry.rule.on !== '*' && entry.rule.on !== command) continue
      if (entry.skip > 0) {
        entry.skip -= 1
        continue
      }
      if (entry.left <= 0 || !this.#happens(entry.rule.chance)) continue
      entry.left -= 1
      if (entry.left <= 0) this.#rules = this.#rules.filter(r => r !== entry)
      this.#struck.set(entry.rule.fault.kind, (this.#struck.get(entry.rule.fault.kind) ?? 0) + 1)
      return entry.rule.fault
    }
    return undefined
  }

  #happens(chance: number | undefined): boolean {
    if (chance === undefined) return true
    const [high = 0, low = 0] = this.#random(2)
    return (high * 256 + low) / 65_536 < chance
  }

  /** For the server: told at every `close`. */
  watch(onClosing: (closing: Closing) => Promise<void>): void {
    this.#onClosing = onClosing
  }
}
