/** Troubles ordered beforehand: `next` hands out each the number of times it was ordered, first come first served. */
export class Faults<F extends { readonly kind: string }> {
  #ordered: { readonly on: string; readonly fault: F; left: number }[] = []

  /** `on` is a call's name, or `*` for any. */
  order(on: string, fault: F, times = 1): void {
    this.#ordered.push({ on, fault, left: times })
  }

  next(call: string): F | undefined {
    const found = this.#ordered.find(entry => entry.left > 0 && (entry.on === '*' || entry.on === call))
    if (!found) return undefined
    found.left--
    return found.fault
  }

  clear(): void {
    this.#ordered = []
  }
}
