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

const bundle = async (outDir: string): Promise<void> => {
  await build({
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
}

/** Builds when needed; the new pages take the place of the old ones in one step. Returns whether it built. */
export const buildPages = async (): Promise<boolean> => {
  const wanted = await fingerprint()
  const built = await readFile(`${target}/fingerprint`, 'utf8').catch(() => '')
  if (built === wanted) return false
  const draft = `${target}.${process.pid}`
  await mkdir(draft, { recursive: true })
  await bundle(draft)
  await writeFile(`${draft}/fingerprint`, wanted)
  await rm(target, { recursive: true, force: true })
  await rename(draft, target)
  return true
}

if (import.meta.main) await buildPages()
