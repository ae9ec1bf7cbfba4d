import { BarChart, HeatmapChart, LineChart } from 'echarts/charts'
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

use([
  AriaComponent,
  BarChart,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  SVGRenderer,
  TooltipComponent,
  VisualMapComponent,
])

/** Colours of the page as they are now, light or dark. */
export const paint = () => {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    ink: token('ink'),
    quiet: token('stone'),
    line: token('line'),
    bridge: token('bridge'),
    seal: token('seal'),
    moss: token('moss'),
    amber: token('amber'),
    card: token('card'),
    soft: token('bridge-soft'),
    font: token('sans'),
  }
}
export type Paint = ReturnType<typeof paint>

/** One chart; what it says is also in `label`, and the figures stand in a table beside it. */
export default function Chart(props: {
  option: (paint: Paint) => EChartsCoreOption
  label: string
  height: number
}) {
  const place = useRef<HTMLDivElement>(null)
  const { option, label, height } = props
  useEffect(() => {
    if (!place.current) return undefined
    const chart = init(place.current, undefined, { renderer: 'svg' })
    const colours = paint()
    chart.setOption({
      textStyle: { fontFamily: colours.font, color: colours.ink },
      animationDuration: 300,
      ...option(colours),
    })
    const watch = new ResizeObserver(() => chart.resize())
    watch.observe(place.current)
    return () => {
      watch.disconnect()
      chart.dispose()
    }
  }, [option])
  return <div ref={place} className="chart" role="img" aria-label={label} style={{ height }} />
}
