// The style of the scan report. Its hash is the only thing the page's policy lets in.
export const style: string = `
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--quiet:#5b6470;--line:#d8dde3;--critical:#a3123a;--high:#c2410c;--medium:#a16207;--low:#1d6fb8;--info:#5b6470}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--paper:#14171b;--quiet:#9aa4b2;--line:#2c333b;--critical:#ff6b8d;--high:#ff9559;--medium:#e3b341;--low:#6cb6ff;--info:#9aa4b2}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1000px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:.9rem;margin:.75rem 0 .25rem;color:var(--quiet)}
.partial{border-left:4px solid var(--critical);padding:.5rem 1rem}
.levels{display:flex;flex-wrap:wrap;gap:1.5rem;list-style:none;padding:0}.levels b{font-size:1.4rem;display:block}
.critical{color:var(--critical);fill:var(--critical)}.high{color:var(--high);fill:var(--high)}.medium{color:var(--medium);fill:var(--medium)}.low{color:var(--low);fill:var(--low)}.info{color:var(--info);fill:var(--info)}
svg{width:100%;height:140px;border-bottom:1px solid var(--line)}.range{display:flex;justify-content:space-between;color:var(--quiet);font-size:.85rem;margin:.25rem 0}
table{border-collapse:collapse}th,td{text-align:left;padding:.25rem 1.5rem .25rem 0;border-bottom:1px solid var(--line)}
details{border-top:1px solid var(--line);padding:.5rem 0}summary{cursor:pointer}.badge{display:inline-block;min-width:6.5rem;font-weight:600}
.facts,.about{color:var(--quiet);margin:.25rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.5rem;font-size:.8rem;margin:0}
ul.listed{overflow-wrap:anywhere;padding-left:1.25rem}
footer{margin-top:3rem;color:var(--quiet);font-size:.85rem}code{overflow-wrap:anywhere}
@media print{details{break-inside:avoid}}
`;
