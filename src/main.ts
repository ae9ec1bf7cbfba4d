import { enableCompileCache } from 'node:module'

// Keeps stripped and compiled modules from one start to the next; without a place to write it does nothing.
enableCompileCache()
const { runCommandLine } = await import('./main/command-line.ts')

process.exitCode = await runCommandLine(process.argv.slice(2))
