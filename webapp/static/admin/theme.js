// Choose light or dark before the first paint: what was chosen here, else what the system prefers.
(() => {
  const root = document.documentElement
  const system = matchMedia('(prefers-color-scheme: dark)')
  const chosen = () => {
    try { return localStorage.getItem('pitboss-theme') } catch { return null }
  }
  const apply = () => { root.dataset.bsTheme = chosen() ?? (system.matches ? 'dark' : 'light') }
  apply()
  system.addEventListener('change', apply)
  addEventListener('storage', apply)
})()
