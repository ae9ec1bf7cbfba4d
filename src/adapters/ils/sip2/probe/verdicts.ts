import type { Facts } from './facts.ts'
import type { Given } from './given.ts'
import type { Verdict } from './verdict.ts'
import { dataVerdicts } from './verdicts-data.ts'
import { lineVerdicts, loginVerdict, reachVerdicts } from './verdicts-line.ts'
import { budgetVerdict, wireVerdicts } from './verdicts-wire.ts'

/** What was found out, in plain words, in the order in which a person asks. */
export const verdictsOf = (facts: Facts, given: Given): Verdict[] => {
  const reached = reachVerdicts(facts, given)
  if (isOutside(facts)) {
    const spoke = facts.reach === 'ok' && !facts.stranger && facts.tlsProblem === undefined
    return [
      ...reached,
      ...(spoke ? [loginVerdict(facts, given), ...lineVerdicts(facts)] : []),
      ...budgetVerdict(facts),
    ]
  }
  return [
    ...reached,
    loginVerdict(facts, given),
    ...lineVerdicts(facts),
    ...wireVerdicts(facts, given),
    ...dataVerdicts(facts, given),
    ...budgetVerdict(facts),
  ]
}

/** Whether no question could be asked, so that there is nothing to write into a profile. */
export const isOutside = (facts: Facts): boolean =>
  facts.reach !== 'ok' || facts.stranger !== undefined || facts.served.size === 0
