import type { KioskStateJson } from '../../gateway/http/api/staff.ts'
import { layDoors, type Place } from '../base/doors.ts'
import { useWords } from '../base/words.tsx'

type Compartment = KioskStateJson['compartments'][number]

const Closed = ({ label, place }: { label: string; place: Place }) => (
  <g className="door">
    <rect {...place} rx="2" />
    <text x={place.x + place.width / 2} y={place.y + place.height / 2 + 5} textAnchor="middle" fontSize="14">
      {label}
    </text>
  </g>
)

/** The door that opened: a dark inside, and the leaf swung out to the left. */
const Open = ({ label, place }: { label: string; place: Place }) => {
  const { x, y, width, height } = place
  const lean = Math.min(10, height / 5)
  return (
    <g className="door open">
      <rect {...place} rx="2" />
      <path d={`M${x} ${y}l-18 ${lean}v${height}l18 ${-lean}z`} />
      <text x={x + width / 2} y={y + height / 2 + 8} textAnchor="middle" fontSize="22" fontWeight="700">
        {label}
      </text>
    </g>
  )
}

/** A drawing of the cabinet that shows where to look. */
export const Cabinet = (props: { compartments: readonly Compartment[]; openId: string | undefined }) => {
  const { t } = useWords()
  const { doors, width, height } = layDoors(props.compartments)
  const open = doors.find(door => door.of.id === props.openId)
  return (
    <svg
      className="cabinet"
      viewBox={`-26 -6 ${width + 34} ${height + 24}`}
      role="img"
      aria-label={open ? `${t.kiosk.openDoor}: ${t.kiosk.door(open.of.label)}` : t.kiosk.cabinet}
    >
      <rect className="body" x="0" y="0" width={width} height={height} rx="5" />
      <path className="body" d={`M8 ${height}v10M${width - 8} ${height}v10`} />
      {doors.map(
        door => door !== open && <Closed key={door.of.id} label={door.of.label} place={door.place} />,
      )}
      {open && <Open label={open.of.label} place={open.place} />}
    </svg>
  )
}
