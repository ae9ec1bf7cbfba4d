import type { Libraries } from '../libraries.ts'
import type { Lockers } from '../lockers/lockers.ts'
import type { KioskAnswer } from '../lockers/ports.ts'
import { nearestFree } from './here.ts'

/** A return for which no door is free: where the nearest one is, beside the answer's own words. */
export const fullWords = async (
  on: { readonly libraries: Libraries; readonly lockers: Pick<Lockers, 'summary'> },
  lockerId: string,
  answer: KioskAnswer,
): Promise<KioskAnswer> => {
  if (answer.problem?.code !== 'locker-full') return answer
  const other = await nearestFree(on, lockerId)
  const { say } = answer
  if (!other)
    return {
      ...answer,
      say: {
        zh: `${say.zh}请过些时候再来，或交到任何一个分馆的柜台。`,
        en: `${say.en} Come again later, or hand it in at any branch.`,
      },
    }
  const { name, place } = other.place
  const far = other.metres === null ? undefined : farWords(other.metres)
  return {
    ...answer,
    say: {
      zh: `${say.zh}最近的另一处：${name.zh}（${place}${far ? `，${far.zh}` : ''}）；也可交到任何一个分馆的柜台。`,
      en: `${say.en} The nearest other one is ${name.en} (${place}${far ? `, ${far.en}` : ''}); any branch takes it, too.`,
    },
  }
}

const farWords = (metres: number): { readonly zh: string; readonly en: string } => {
  if (metres < 1000) {
    const tens = Math.max(10, Math.round(metres / 10) * 10)
    return { zh: `${tens} 米`, en: `${tens} m away` }
  }
  const km = (metres / 1000).toFixed(1)
  return { zh: `${km} 公里`, en: `${km} km away` }
}
