import type { Fault } from '../config/yaml.ts'

/** Everything wrong with a settings file. */
export class ConfigFaults extends Error {
  readonly file: string
  readonly faults: readonly Fault[]

  constructor(file: string, faults: readonly Fault[]) {
    super(`${faults.length} faults in ${file}`)
    this.file = file
    this.faults = faults
  }
}
