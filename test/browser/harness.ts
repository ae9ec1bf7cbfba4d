/**
 * A real Chromium out of npm, without the machine's help: its own Chinese font, and its own nss libraries where
 * the machine has none. Extracted once per version into the temporary folder, safe against parallel test files.
 */
import { spawnSync } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const repo = fileURLToPath(new URL('../../', import.meta.url))
const packed = `${repo}node_modules/@sparticuz/chromium`
const fonts = `${repo}node_modules/@expo-google-fonts/noto-sans-sc`

const versionOf = (folder: string): string => {
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { version: string }
  return version
}

const unpack = async (from: string, to: string): Promise<void> =>
  pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to))

const fontConfig = (cache: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  ${['400Regular', '600SemiBold', '700Bold'].map(weight => `<dir>${fonts}/${weight}</dir>`).join('\n  ')}
  <cachedir>${cache}</cachedir>
  ${['sans-serif', 'serif', 'system-ui']
    .map(name => `<alias><family>${name}</family><prefer><family>Noto Sans SC</family></prefer></alias>`)
    .join('\n  ')}
</fontconfig>
`

/** Whoever finishes first puts its folder in place; the others throw theirs away. */
const putInPlace = async (draft: string, place: string): Promise<void> => {
  await rename(draft, place).catch(async (thrown: unknown) => {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(place)) throw thrown
  })
}

const extract = async (): Promise<string> => {
  const place = join(tmpdir(), `shuqiao-chromium-${versionOf(packed)}`)
  if (!existsSync(place)) {
    const draft = await mkdtemp(`${place}.`)
    await unpack(`${packed}/bin/chromium.br`, `${draft}/chromium`)
    await chmod(`${draft}/chromium`, 0o755)
    await putInPlace(draft, place)
  }
  await writeFile(`${place}/fonts.conf`, fontConfig(`${place}/font-cache`))
  return place
}

const extractLibraries = async (place: string): Promise<string> => {
  const libraries = `${place}/libraries`
  if (!existsSync(libraries)) {
    const draft = await mkdtemp(`${libraries}.`)
    await unpack(`${packed}/bin/al2023.tar.br`, `${draft}/al2023.tar`)
    const { status, stderr } = spawnSync('tar', ['-xf', `${draft}/al2023.tar`, '-C', draft], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`tar could not unpack the libraries: ${stderr}`)
    await putInPlace(draft, libraries)
  }
  return `${libraries}/lib`
}

const launch = (place: string, libraries?: string): Promise<Browser> =>
  chromium.launch({
    executablePath: `${place}/chromium`,
    // Not the package's own list: that one runs everything in one process and switches off web security.
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu'],
    env: {
      ...process.env,
      FONTCONFIG_FILE: `${place}/fonts.conf`,
      ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}),
    },
  })

/** Undefined, with a printed line, only where the machine cannot run the binary at all. */
export const startBrowser = async (): Promise<Browser | undefined> => {
  if (process.env.SHUQIAO_SKIP_BROWSER) {
    console.log('browser tests skipped: SHUQIAO_SKIP_BROWSER is set')
    return undefined
  }
  if (!existsSync(`${packed}/bin/chromium.br`)) {
    console.log('browser tests skipped: there is no Chromium for this platform')
    return undefined
  }
  const place = await extract()
  return launch(place).catch(async () => launch(place, await extractLibraries(place)))
}

export interface OpenPage {
  readonly page: Page
  /** Console errors, uncaught exceptions and failed requests so far. */
  readonly faults: string[]
}

export interface Size {
  readonly width: number
  readonly height: number
}
export const phone: Size = { width: 390, height: 844 }
export const desktop: Size = { width: 1280, height: 800 }
/** Screens of cabinets. */
export const portrait: Size = { width: 1080, height: 1920 }
export const landscape: Size = { width: 1024, height: 768 }

/** A fresh visitor in a window of this size; everything that goes wrong in the page is written down. */
export const openPage = async (
  browser: Browser,
  { width, height, ...more }: Size & BrowserContextOptions,
): Promise<OpenPage> => {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    ...more,
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text())
  })
  page.on('pageerror', error => faults.push(`uncaught: ${error.message}`))
  page.on('requestfailed', request => {
    const why = request.failure()?.errorText ?? ''
    if (why !== 'net::ERR_ABORTED') faults.push(`${request.url()}: ${why}`)
  })
  return { page, faults }
}

/** Keeps a picture under artefacts/browser, which is not in the repository. */
export const keepPicture = async (page: Page, name: string, fullPage = true): Promise<string> => {
  const path = `${repo}artefacts/browser/${name}.png`
  await mkdir(dirname(path), { recursive: true })
  await page.screenshot({ path, fullPage, animations: 'disabled' })
  return path
}

/** How far the page is wider than its window; a few pixels are already a fault on a phone. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
