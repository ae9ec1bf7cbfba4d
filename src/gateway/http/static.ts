import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { ProblemError, unreachable } from '../../kernel/problem.ts'
import type { Ctx, Routes } from './deps.ts'
import { notFound } from './problem.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}
const compressible = new Set(['.html', '.js', '.css', '.svg', '.json', '.webmanifest', '.txt'])

/** First path segment -> page; every other path without a dot is the reader's page. */
const pages: Readonly<Record<string, string>> = {
  staff: 'staff.html',
  kiosk: 'kiosk.html',
  guide: 'guide.html',
}

const squeeze = {
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (body: Buffer) => promisify(gzip)(body, { level: 9 }),
}
type Coding = keyof typeof squeeze

/**
 * Serves the built pages of a folder. Only files that were there at the start are known, so no path leads
 * outside; a file is read, and compressed, at its first request and then kept.
 */
export const staticRoutes =
  (folder: string): Routes =>
  app => {
    const files = new Set(existsSync(folder) ? globSync('**/*.*', { cwd: folder }) : [])
    const kept = new Map<string, Promise<{ body: Buffer; tag: string }>>()
    const load = (file: string, coding: Coding | undefined) => {
      const key = `${coding} ${file}`
      let loading = kept.get(key)
      if (!loading) {
        loading = read(join(folder, file), coding)
        kept.set(key, loading)
      }
      return loading
    }
    app.get('/*', async c => {
      const file = fileOf(c.req.path, files)
      const coding = compressible.has(extname(file)) ? codingOf(c) : undefined
      const { body, tag } = await load(file, coding)
      c.header('ETag', tag)
      c.header('Vary', 'Accept-Encoding')
      c.header(
        'Cache-Control',
        file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
      if (c.req.header('If-None-Match') === tag) return c.body(null, 304)
      if (coding) c.header('Content-Encoding', coding)
      return c.body(new Uint8Array(body), 200, {
        'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      })
    })
  }

const fileOf = (path: string, files: ReadonlySet<string>): string => {
  const name = path.slice(1)
  if (files.has(name) && types[extname(name)]) return name
  const [first = ''] = name.split('/')
  if (first === 'api' || first === 'hooks' || name.includes('.')) throw new ProblemError(notFound)
  const page = pages[first] ?? 'index.html'
  if (files.has(page)) return page
  throw new ProblemError(notBuilt)
}

const notBuilt = unreachable('pages-not-built', {
  zh: '页面还没有生成：请先运行 npm run pages。',
  en: 'The pages are not built yet: run npm run pages.',
})

const codingOf = (c: Ctx): Coding | undefined => {
  const accepted = (c.req.header('Accept-Encoding') ?? '').split(/[,;\s]+/)
  return (['br', 'gzip'] as const).find(coding => accepted.includes(coding))
}

const read = async (path: string, coding: Coding | undefined) => {
  const plain = await readFile(path)
  const body = coding ? await squeeze[coding](plain) : plain
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return { body, tag }
}
