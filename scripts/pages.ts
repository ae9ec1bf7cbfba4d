/**
 * Builds the pages of src/web into dist/web, and does nothing when neither they nor the lock file changed since
 * the last build, so that `npm start` stays quick.
 */
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = `${root}dist/web`
const entries = ['index', 'staff', 'kiosk', 'guide']

const fingerprint = async (): Promise<string> => {
  const files = [
    ...globSync('src/web/**/*.{ts,tsx,css,html,svg,json}', { cwd: root }).sort(),
    'package-lock.json',
    'scripts/pages.ts',
  ]
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(await readFile(`${root}${file}`))
  return hash.digest('hex')
}

/** A test runner sets NODE_ENV, and the libraries would be built as for their own developers. */
const asProduction = async (act: () => Promise<unknown>): Promise<void> => {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    await act()
  } finally {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  }
}

const bundle = (outDir: string): Promise<unknown> =>
  build({
    configFile: false,
    root: `${root}src/web`,
    base: '/',
    logLevel: 'error',
    plugins: [react()],
    build: {
      outDir,
      emptyOutDir: true,
      manifest: 'manifest.json',
      // The web-views of Alipay and WeChat on older phones.
      target: ['chrome87', 'safari14'],
      chunkSizeWarningLimit: 2000,
      rolldownOptions: { input: entries.map(name => `${root}src/web/${name}.html`) },
    },
  })

const builtFrom = (): Promise<string> => readFile(`${target}/fingerprint`, 'utf8').catch(() => '')

/** Two builds may run at once (parallel test files): whoever comes second keeps the first one's pages. */
const putInPlace = async (draft: string, wanted: string): Promise<void> => {
  await rm(target, { recursive: true, force: true })
  await rename(draft, target).catch(async (thrown: unknown) => {
    await rm(draft, { recursive: true, force: true })
    if ((await builtFrom()) !== wanted) throw thrown
  })
}

/** Builds when needed; the new pages take the place of the old ones in one step. Returns whether it built. */
export const buildPages = async (): Promise<boolean> => {
  const wanted = await fingerprint()
  if ((await builtFrom()) === wanted) return false
  process.stderr.write('  正在生成页面 / building the pages …\n')
  const draft = `${target}.${process.pid}`
  await mkdir(draft, { recursive: true })
  await asProduction(() => bundle(draft))
  await writeFile(`${draft}/fingerprint`, wanted)
  await putInPlace(draft, wanted)
  return true
}

if (import.meta.main) await buildPages()
