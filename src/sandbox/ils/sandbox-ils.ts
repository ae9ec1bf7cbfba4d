import type { Clock } from '../../kernel/clock.ts'
import type { RandomBytes } from '../../kernel/ids.ts'
import { type Acs, startAcs } from './acs.ts'
import type { Dialect } from './dialect.ts'
import { Faults } from './faults.ts'
import type { IlsSeed } from './model.ts'
import { IlsState } from './state.ts'

export interface SandboxIlsOptions {
  /** For people: which library system of the sandbox this is. */
  readonly name: string
  readonly dialect: Dialect
  readonly seed: IlsSeed
  readonly clock: Clock
  readonly random: RandomBytes
  /** 0, the default, lets the machine choose. */
  readonly port?: number
  readonly host?: string
}

/** A library system that runs: it listens for terminals, and is steered by this object only. */
export interface SandboxIls extends Pick<Acs, 'announce' | 'connections' | 'heard'> {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly dialect: Dialect
  readonly state: IlsState
  readonly faults: Faults
  close(): Promise<void>
}

export const startSandboxIls = async (options: SandboxIlsOptions): Promise<SandboxIls> => {
  const { name, dialect, clock, host = '127.0.0.1', port = 0 } = options
  const state = new IlsState(options.seed, clock)
  const faults = new Faults(options.random)
  const acs = await startAcs({ state, dialect, faults, clock, host, port })
  return {
    name,
    host,
    port: acs.port,
    dialect,
    state,
    faults,
    announce: acs.announce,
    connections: acs.connections,
    heard: acs.heard,
    close: acs.close,
  }
}
