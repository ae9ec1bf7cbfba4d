import { z } from 'zod'

const subfield = z.string().regex(/^[a-z0-9]$/i, 'must be one letter or digit')
const alternatives = z
  .array(z.array(subfield).min(1).max(5))
  .max(10)
  .describe('the first alternative that is filled in counts; its subfields are joined with /')

const rule = z.strictObject({
  tag: z.string().regex(/^[0-9A-Z]{3}$/, 'must be a tag of three characters'),
  barcode: subfield.describe('each repetition is a copy'),
  requires: z.array(subfield).max(5).optional().describe('subfields that must be there too'),
  location: alternatives.optional(),
  callNumber: alternatives.optional(),
})

/** How a library's MARC records tell its copies; what is left out is as usual. */
export const catalogueSettings = z.strictObject({
  holdings: z
    .strictObject({
      cnmarc: z.array(rule).min(1).max(20).optional().describe('905 and 906 $b, or 805 $c, when left out'),
      marc21: z
        .array(rule)
        .min(1)
        .max(20)
        .optional()
        .describe('952 $p, 876 $p under 852, 852 $p or 999 $i when left out'),
    })
    .default({})
    .describe('fields of the copies'),
  closedLocations: z
    .array(z.string().min(1).max(100))
    .default([])
    .describe('location codes of closed stacks, as a whole or their part before or after /'),
})
export type CatalogueSettings = z.output<typeof catalogueSettings>
