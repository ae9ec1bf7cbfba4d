/** Signed commands, for a broker that others use too: whoever can write into a cabinet's topic opens nothing by it. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CabinetCommand } from './mqtt-cabinet-messages.ts'

/** What is signed: a JSON array of everything a command says and of whom it says it to; `null` for what it does not say. */
const signedText = (cabinet: string, command: CabinetCommand): string => {
  const said = command as Partial<Record<string, unknown>>
  const parts = ['id', 'op', 'boot', 'exp', 'compartment', 'code', 'hash', 'until', 'log', 'seq', 'again']
  return JSON.stringify([cabinet, ...parts.map(part => said[part] ?? null)])
}

const mac = (key: string, cabinet: string, command: CabinetCommand): Buffer =>
  createHmac('sha256', key).update(signedText(cabinet, command), 'utf8').digest()

/** The command with its signature, HMAC-SHA-256 in base64url under the key of this cabinet. */
export const signed = <C extends CabinetCommand>(key: string, cabinet: string, command: C): C => ({
  ...command,
  sig: mac(key, cabinet, command).toString('base64url'),
})

/** Whether the signature is that of this key, for this cabinet and exactly this command. */
export const isSigned = (key: string, cabinet: string, command: CabinetCommand): boolean => {
  const right = mac(key, cabinet, command)
  const given = Buffer.from(command.sig ?? '', 'base64url')
  return given.length === right.length && timingSafeEqual(given, right)
}
