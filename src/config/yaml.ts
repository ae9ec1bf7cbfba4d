import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Scalar, visit } from 'yaml'

/** A fault of the settings file, at a place that an editor can jump to. */
export interface Fault {
  readonly line: number
  readonly column: number
  /** `libraries.0.ils.port`; '' for the whole file. */
  readonly path: string
  readonly message: string
}

export type Path = readonly PropertyKey[]

/** A YAML file whose values know where they stand. */
export interface SettingsFile {
  readonly value: unknown
  readonly faults: readonly Fault[]
  /** The fault of a path; where the value is missing, at what should hold it. */
  faultAt(path: Path, message: string, of?: 'key' | 'value'): Fault
}

/** What a text in the file stands for: itself, `${NAME}` of the environment inside it, or `file:<path>`. */
export interface Secrets {
  env(name: string): string | undefined
  /** Throws when the file cannot be read. */
  file(path: string): string
}

/** Reads YAML and puts secrets in their places. No value of a secret ever appears in a fault. */
export const readSettings = (text: string, secrets: Secrets): SettingsFile => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const at = (offset: number, path: Path, message: string): Fault => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1), path: path.map(String).join('.'), message }
  }
  // What follows the first broken place is mostly its echo.
  const faults = document.errors.slice(0, 1).map(e => at(e.pos[0], [], e.message.split('\n')[0]!))
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'string') return
      const filled = fill(node.value, secrets)
      if ('text' in filled) node.value = meant(node, filled.text)
      else faults.push(at(node.range?.[0] ?? 0, [], filled.fault))
    },
  })
  const faultAt = (path: Path, message: string, of: 'key' | 'value' = 'value'): Fault =>
    at(offsetOf(document.contents, path, of), path, message)
  return { value: document.errors.length > 0 ? undefined : (document.toJS() as unknown), faults, faultAt }
}

/** A number that came out of a text without quotation marks is a number, as if it stood in the file. */
const meant = (node: Scalar, text: string): string | number =>
  text !== node.value && node.type === Scalar.PLAIN && /^\d{1,9}$/.test(text) ? Number(text) : text

const fill = (text: string, secrets: Secrets): { text: string } | { fault: string } => {
  if (text.startsWith('file:'))
    try {
      return { text: secrets.file(text.slice(5)).trim() }
    } catch (error) {
      return {
        fault: `the file ${text.slice(5)} cannot be read: ${(error as { code?: string }).code ?? 'error'}`,
      }
    }
  const missing: string[] = []
  const filled = text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = secrets.env(name)
    if (value === undefined) missing.push(name)
    return value ?? ''
  })
  return missing.length === 0
    ? { text: filled }
    : { fault: `not set in the environment: ${missing.join(', ')}` }
}

/** Where a path's plain value stands; of a list, a map or a missing value, the key that holds it. */
const offsetOf = (contents: unknown, path: Path, of: 'key' | 'value'): number => {
  let node = contents
  let offset = start(node)
  for (const step of path) {
    if (isSeq(node)) {
      node = node.items[Number(step)]
      offset = start(node) || offset
    } else if (isMap(node)) {
      const pair = node.items.find(p => isScalar(p.key) && String(p.key.value) === String(step))
      if (!pair) return offset
      offset = start(pair.key)
      node = pair.value
    } else return offset
  }
  return isScalar(node) && of === 'value' ? start(node) : offset
}

const start = (node: unknown): number => (node as Node | null | undefined)?.range?.[0] ?? 0
