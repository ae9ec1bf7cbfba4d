import { type Clock, pause } from '../../../../kernel/clock.ts'
import { type Heard, type Limits, type Plan, type ProbeWire, Spent, type Step } from './step.ts'

/**
 * Carries out a plan, step by step, within its limits: a plan that has used them up is told so by `Spent` and
 * may only close its lines from then on. `told` hears of every step before it is done.
 */
export const runPlan = async <T>(
  plan: Plan<T>,
  wire: ProbeWire,
  clock: Clock,
  limits: Limits,
  told: (step: Step) => void = () => {},
): Promise<T> => {
  const until = clock.now() + limits.time
  let connections = 0
  let requests = 0
  const spent = (step: Step): Spent | undefined => {
    if (step.do === 'close') return undefined
    if (clock.now() >= until) return new Spent('time')
    if (step.do === 'open' && ++connections > limits.connections) return new Spent('connections')
    if (step.do === 'say' && ++requests > limits.requests) return new Spent('requests')
    return undefined
  }
  try {
    let next = plan.next()
    while (!next.done) {
      const step = next.value
      const over = spent(step)
      if (over) {
        next = plan.throw(over)
        continue
      }
      if ((step.do === 'say' || step.do === 'open') && limits.gap > 0) await pause(clock, limits.gap)
      told(step)
      next = plan.next(await perform(step, wire, clock))
    }
    return next.value
  } finally {
    wire.end()
  }
}

const perform = async (step: Step, wire: ProbeWire, clock: Clock): Promise<Heard> => {
  switch (step.do) {
    case 'open':
      return wire.open(step.line, step.tls)
    case 'listen':
      return wire.listen(step.line, step.patience, step.until)
    case 'say':
      return wire.say(step.line, step.bytes, step.patience, step.deaf === true)
    case 'close':
      wire.close(step.line)
      return { heard: 'done' }
    case 'rest':
      await pause(clock, step.millis)
      return { heard: 'done' }
  }
}
