import { enableCompileCache } from 'node:module'

// Before anything else is loaded: it halves the start of every verb after the first.
enableCompileCache()
const { runCommandLine } = await import('./main/command-line.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
