@echo off
rem Talweg's command line on Windows. What it does, and why, is said in "talweg", its twin for other systems.
rem JAVA_HOME: the JDK to prefer. TALWEG_JAVA_OPTS: more flags for the JVM, such as -Xmx8g.
setlocal EnableExtensions DisableDelayedExpansion

set "HERE=%~dp0"
if "%HERE:~-1%"=="\" set "HERE=%HERE:~0,-1%"
if exist "%HERE%\pom.xml" (
  set "SOURCES=yes"
  set "OUT=%HERE%\examples\target"
  set "JAR=%HERE%\examples\target\talweg.jar"
) else (
  set "SOURCES="
  set "OUT=%HERE%\lib"
  set "JAR=%HERE%\lib\talweg.jar"
)

rem ---- a JDK: JAVA_HOME, PATH, then the usual folders

set "JDK="
set "LOOKED="
if not defined SOURCES call :consider "%HERE%\runtime"
if defined JAVA_HOME call :consider "%JAVA_HOME%"
for /f "delims=" %%J in ('where java 2^>nul') do call :consider "%%~dpJ.."
for /d %%D in (
  "%ProgramFiles%\Eclipse Adoptium\*"
  "%ProgramFiles%\Java\*"
  "%ProgramFiles%\Microsoft\jdk*"
  "%ProgramFiles%\Zulu\*"
  "%ProgramFiles%\Amazon Corretto\*"
  "%ProgramFiles%\BellSoft\*"
  "%USERPROFILE%\.jdks\*"
  "%USERPROFILE%\scoop\apps\*jdk*"
) do (
  call :consider "%%~fD"
  call :consider "%%~fD\current"
)
if not defined JDK (
  >&2 echo talweg: needs a JDK 25.0.3 or newer, and found none.
  >&2 echo   Looked at JAVA_HOME, PATH, and the usual folders under "%ProgramFiles%" and "%USERPROFILE%".
  if defined LOOKED >&2 echo   Found, but too old:%LOOKED%
  >&2 echo   Install one, for example from https://adoptium.net/, and set JAVA_HOME if it is in an unusual place.
  exit /b 69
)

rem ---- the jars

if defined SOURCES (
  call :fresh
  if errorlevel 1 (
    call :build
    if errorlevel 1 exit /b 69
  )
)
if not exist "%JAR%" (
  >&2 echo talweg: there is no "%JAR%": this bundle is incomplete.
  exit /b 69
)

rem ---- the JVM

set "FLAGS=--enable-native-access=ALL-UNNAMED -XX:+UseParallelGC"
findstr /c:"jdk.incubator.vector" "%JDK%\release" >nul && set "FLAGS=--add-modules jdk.incubator.vector %FLAGS%"
set "FLAGS=%FLAGS% -Xlog:disable -Xlog:all=warning,aot*=off,cds*=off:stderr"

set "CACHE=%OUT%\start.aot"
if defined SOURCES if not exist "%CACHE%" (
  >&2 echo talweg: recording the start-up cache ...
  "%JDK%\bin\java.exe" %FLAGS% -XX:AOTCacheOutput="%CACHE%" -jar "%JAR%" train --epochs 1 --backend cpu --out "%OUT%\record" --json >"%OUT%\record.log" 2>&1
  rd /s /q "%OUT%\record" 2>nul
)
if exist "%CACHE%" set FLAGS=%FLAGS% -XX:AOTCache="%CACHE%"

"%JDK%\bin\java.exe" %FLAGS% %TALWEG_JAVA_OPTS% -jar "%JAR%" %*
exit /b %ERRORLEVEL%

rem ---- consider DIR: takes the JDK in DIR unless there is one already
:consider
if defined JDK exit /b 0
if not exist "%~1\bin\java.exe" exit /b 0
if not exist "%~1\release" exit /b 0
if defined SOURCES if not exist "%~1\bin\javac.exe" exit /b 0
set "VERSION="
for /f "usebackq tokens=1,* delims==" %%A in ("%~1\release") do if "%%A"=="JAVA_VERSION" set "VERSION=%%~B"
if not defined VERSION exit /b 0
set "MAJOR=0"
set "MINOR=0"
set "PATCH=0"
for /f "tokens=1-3 delims=.+-_" %%A in ("%VERSION%") do (
  set /a "MAJOR=%%A+0" 2>nul
  if not "%%B"=="" set /a "MINOR=%%B+0" 2>nul
  if not "%%C"=="" set /a "PATCH=%%C+0" 2>nul
)
if %MAJOR% GTR 25 goto :take
if %MAJOR% LSS 25 goto :reject
if %MINOR% GTR 0 goto :take
if %PATCH% GEQ 3 goto :take
:reject
set "LOOKED=%LOOKED% "%~1" is %VERSION%;"
exit /b 0
:take
set "JDK=%~f1"
exit /b 0

rem ---- fresh: 0 if no source is newer than the build
:fresh
if not exist "%JAR%" exit /b 1
if not exist "%OUT%\built" exit /b 1
powershell -NoProfile -Command "$b = (Get-Item -LiteralPath ($env:OUT + '\built')).LastWriteTimeUtc; $s = @(Get-Item ($env:HERE + '\pom.xml'), ($env:HERE + '\*\pom.xml')) + @(Get-ChildItem ($env:HERE + '\*\src\main') -Recurse); if ($s | Where-Object { $_.LastWriteTimeUtc -gt $b } | Select-Object -First 1) { exit 1 } else { exit 0 }"
exit /b %ERRORLEVEL%

rem ---- build: the jars, with Maven from the PATH or the wrapper
:build
setlocal
>&2 echo talweg: building the jars (sources are new or newer); the first time takes a minute or two ...
if not exist "%OUT%" mkdir "%OUT%"
del /q "%OUT%\start.aot" 2>nul
set "JAVA_HOME=%JDK%"
set "MVN=mvn"
where mvn >nul 2>nul || set "MVN=%HERE%\mvnw.cmd"
if not "%MVN%"=="mvn" if not exist "%MVN%" (
  >&2 echo talweg: needs Maven to build its jars: there is no mvn on the PATH, and no wrapper here.
  >&2 echo   Install Maven 3.6.3 or newer: https://maven.apache.org/
  exit /b 69
)
pushd "%HERE%"
call "%MVN%" -B -ntp -Dmaven.test.skip=true package >"%OUT%\build.log" 2>&1
set "STATUS=%ERRORLEVEL%"
popd
if not "%STATUS%"=="0" (
  >&2 echo talweg: the build failed:
  >&2 findstr /b /c:"[ERROR]" /c:"[WARNING]" "%OUT%\build.log"
  >&2 echo talweg: not started, because the build failed. All of its output is in "%OUT%\build.log"
  exit /b 69
)
exit /b 0
