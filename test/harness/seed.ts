import fc from 'fast-check'

/** Properties run on the same cases everywhere; `FC_SEED=<number>` roams, to look for what these cases do not show. */
const seed = Number(process.env.FC_SEED ?? 20261123)

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })
