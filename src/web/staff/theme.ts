import { type ThemeConfig, theme } from 'antd'
import { useSyncExternalStore } from 'react'

const query = '(prefers-color-scheme: dark)'

const watch = (act: () => void) => {
  const media = matchMedia(query)
  media.addEventListener('change', act)
  return () => media.removeEventListener('change', act)
}

const useDark = (): boolean => useSyncExternalStore(watch, () => matchMedia(query).matches)

/** The page's own tokens, handed to the component family: it computes with them, so they are read, not referred to. */
export const useTheme = (): ThemeConfig => {
  const dark = useDark()
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: token('bridge'),
      colorLink: token('bridge'),
      colorError: token('seal'),
      colorSuccess: token('moss'),
      colorWarning: token('amber'),
      colorText: token('ink'),
      colorTextHeading: token('ink'),
      colorTextSecondary: token('stone'),
      colorTextPlaceholder: token('stone'),
      colorBgBase: token('card'),
      colorBgContainer: token('card'),
      colorBgLayout: token('paper'),
      colorBorder: token('edge'),
      colorBorderSecondary: token('line'),
      borderRadius: 8,
      fontSize: 15,
      controlHeight: 40,
      fontFamily: token('sans'),
      motion: false,
    },
    components: {
      Table: {
        headerBg: token('quiet'),
        headerColor: token('ink'),
        rowHoverBg: token('paper'),
        rowExpandedBg: token('paper'),
        borderColor: token('line'),
        headerSplitColor: 'transparent',
      },
    },
  }
}
