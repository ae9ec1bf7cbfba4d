import type { SetupJson } from '../../gateway/http/api/locker-setup.ts'
import { layDoors } from '../base/doors.ts'
import type { LineSetupTexts } from '../i18n/line-setup-zh.ts'
import { sameChannel } from './line-setup-use.ts'

export type SetupDoor = SetupJson['doors'][number]

const percent = (part: number, whole: number): string => `${(part / whole) * 100}%`

/** The cabinet as far as it is known: doors that were seen, and those that only the settings tell of. */
export const SetupDrawing = (props: {
  setup: SetupJson
  texts: LineSetupTexts
  here: SetupJson['channels'][number] | undefined
  choose: (door: SetupDoor) => void
}) => {
  const { setup, texts, here, choose } = props
  const words = texts.doors
  const unseen = setup.layout.filter(
    one => !setup.doors.some(door => sameChannel(door, one) || door.label === one.label),
  )
  const all = [
    ...setup.doors.map(door => ({ ...door, seen: true })),
    ...unseen.map(door => ({ ...door, seen: false })),
  ]
  if (all.length === 0) return null
  const picture = layDoors(all)
  return (
    <section className="setup-drawing" aria-label={words.drawing}>
      <h3>{words.drawing}</h3>
      <p className="quiet small">{words.drawingText}</p>
      <fieldset
        className="cabinet-picture"
        aria-label={words.drawing}
        style={{
          aspectRatio: `${picture.width * 1.5} / ${picture.height}`,
          maxWidth: `${picture.width / 7}rem`,
        }}
      >
        {picture.doors.map(({ place, of }) => (
          <button
            key={`${of.board}/${of.channel}`}
            type="button"
            className={`locker-door ${of.seen ? 'seen' : 'unseen'} ${here && sameChannel(here, of) ? 'chosen' : ''}`}
            aria-label={of.seen ? `${words.change} ${of.label}` : `${of.label}: ${words.notSeen}`}
            disabled={!of.seen || !setup.mine}
            onClick={() => choose(of)}
            style={{
              left: percent(place.x, picture.width),
              top: percent(place.y, picture.height),
              width: percent(place.width, picture.width),
              height: percent(place.height, picture.height),
            }}
          >
            <span className="figure door-number">{of.label}</span>
          </button>
        ))}
      </fieldset>
    </section>
  )
}
