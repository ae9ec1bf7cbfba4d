import { z } from 'zod'
import { mostCompartments } from './vendor-cloud-messages.ts'
import { md5Forms } from './vendor-cloud-signing.ts'

const secret = z.string().min(8).max(512)
const onThisMachine = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/

const mobile = z.string().regex(/^[\d+ -]{3,20}$/)
const field = z.string().regex(/^\w{1,40}$/)
const boxType = z.union([z.int().min(0).max(99), z.string().regex(/^\w{1,20}$/)])
const placeMinutes = z
  .int()
  .min(30)
  .max(43_200)
  .default(1440)
  .describe('for how long a place is asked for at once; it is asked for anew before it runs out')

const placeSettings = z.discriminatedUnion('form', [
  z.strictObject({ form: z.literal('general'), minutes: placeMinutes }),
  z.strictObject({
    form: z.literal('sudiyi'),
    notifyUrl: z
      .url()
      .refine(url => url.startsWith('https://') || onThisMachine.test(url), {
        error: 'must begin with https://',
      })
      .describe('the address for pushes as the vendor reaches it: https://<this gateway>/hooks/<hookSecret>'),
    path: z
      .string()
      .regex(/^\/[\w./{}-]{1,100}$/)
      .default('/v1/resv')
      .describe('of reservations; {device} stands for the cabinet'),
    sizes: z
      .strictObject({ small: boxType, medium: boxType, large: boxType })
      .default({ small: 2, medium: 1, large: 0 })
      .describe('what the vendor calls our sizes'),
    upgrade: z.boolean().default(true).describe('a larger one is taken where there is none'),
    library: z
      .strictObject({ name: z.string().min(1).max(40), mobile })
      .describe('who sends and who collects, as the vendor knows it: the library itself, never a reader'),
    payType: z.int().min(0).max(9).optional().describe('who pays when the time has run out'),
    minutes: placeMinutes,
    boxIsChannel: z
      .boolean()
      .default(true)
      .describe('the number of the box in the result is the channel of the layout'),
    fields: z
      .strictObject({
        number: field.default('resv_order_no'),
        reference: field.default('order_no'),
        result: field.default('result'),
        box: field.default('box_no'),
        status: field.default('status'),
      })
      .prefault({})
      .describe('names of fields in answers and results, where the version differs'),
    kept: z.array(z.string().max(40)).min(1).max(8).default(['success']).describe('results that are a yes'),
    refused: z
      .array(z.string().max(40))
      .min(1)
      .max(8)
      .default(['fail', 'timeout'])
      .describe('results that are a no'),
  }),
])
export type PlaceSettings = z.output<typeof placeSettings>
export type SudiyiPlaceSettings = Extract<PlaceSettings, { form: 'sudiyi' }>

export const cloudSettings = z
  .strictObject({
    url: z
      .url()
      .refine(url => url.startsWith('https://') || onThisMachine.test(url), {
        error: 'must begin with https://',
      })
      .describe("where the vendor's interface begins; /v1/... is put behind it"),
    cabinets: z
      .array(
        z.strictObject({
          board: z
            .int()
            .min(1)
            .max(999)
            .describe('by which number compartments of lockers name this cabinet'),
          id: z
            .string()
            .regex(/^[\w.-]{1,64}$/)
            .describe("the vendor's own name of the cabinet"),
          channels: z.int().min(1).max(mostCompartments).describe('compartments of the cabinet'),
        }),
      )
      .min(1)
      .max(200)
      .refine(all => new Set(all.map(one => one.board)).size === all.length, {
        error: 'two cabinets have one number',
      })
      .refine(all => new Set(all.map(one => one.id)).size === all.length, {
        error: 'two cabinets have one name',
      }),
    signing: z
      .discriminatedUnion('how', [
        z.strictObject({
          how: z.literal('bearer'),
          key: secret.describe('sent with every call'),
          hookKeys: z
            .array(secret)
            .min(1)
            .max(3)
            .optional()
            .describe('keys of the signatures of pushes; two or three while one is exchanged'),
        }),
        z.strictObject({
          how: z.literal('sudiyi'),
          partnerId: z.string().regex(/^[\w.-]{1,64}$/),
          secret,
          md5: z
            .enum(md5Forms)
            .default('raw')
            .describe(
              "digest of the body, in one of the platform's three ways; the others are tried when it is refused",
            ),
        }),
      ])
      .describe(
        '`bearer`: a key in calls, Standard Webhooks in pushes; `sudiyi`: both signed as Sudiyi does',
      ),
    hookSecret: z
      .string()
      .regex(/^[\w-]{16,128}$/)
      .optional()
      .describe(
        'last part of the address its pushes come to: /hooks/<this>; without it everything is asked for',
      ),
    pollSeconds: z
      .int()
      .min(0)
      .max(600)
      .optional()
      .describe(
        'how long what is known of a cabinet is believed while nobody is at it; 30 with pushes, 5 without',
      ),
    places: placeSettings
      .optional()
      .describe('the vendor gives his compartments away himself, and is asked to keep one for each parcel'),
    doorWithin: z
      .int()
      .min(3)
      .max(60)
      .default(12)
      .describe('seconds within which a cabinet has opened its door, or has not'),
  })
  .refine(one => !(one.hookSecret && one.signing.how === 'bearer' && !one.signing.hookKeys), {
    path: ['signing', 'hookKeys'],
    error: 'pushes cannot be known without the key of their signature',
  })
  .refine(one => one.places?.form !== 'sudiyi' || one.signing.how === 'sudiyi', {
    path: ['places', 'form'],
    error: 'the form of Sudiyi is signed as Sudiyi does',
  })

export type CloudSettings = z.output<typeof cloudSettings>
export type CloudCabinet = CloudSettings['cabinets'][number]
