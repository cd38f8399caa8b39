define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  %v5 = getelementptr float, ptr %post, i64 1
  %v6 = load float, ptr %v5, align 4
  %v7 = insertelement <4 x float> poison, float %v6, i64 0
  %v8 = shufflevector <4 x float> %v7, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v9 = icmp sgt i64 %pairs, 0
  br i1 %v9, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %a1_0_0 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %v10 = getelementptr float, ptr %wp, i64 1024
  %v11 = getelementptr float, ptr %v10, i64 0
  call void @llvm.prefetch.p0(ptr %v11, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v12 = getelementptr float, ptr %xp, i64 0
  %v13 = load <4 x float>, ptr %v12, align 4
  %v14 = getelementptr float, ptr %wp, i64 0
  %v15 = load float, ptr %v14, align 4
  %v16 = insertelement <4 x float> poison, float %v15, i64 0
  %v17 = shufflevector <4 x float> %v16, <4 x float> poison, <4 x i32> zeroinitializer
  %v18 = getelementptr float, ptr %wp, i64 1
  %v19 = load float, ptr %v18, align 4
  %v20 = insertelement <4 x float> poison, float %v19, i64 0
  %v21 = shufflevector <4 x float> %v20, <4 x float> poison, <4 x i32> zeroinitializer
  %v22 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v13, <4 x float> %v17, <4 x float> %a0_0_0)
  %v23 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v13, <4 x float> %v21, <4 x float> %a1_0_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v24 = getelementptr float, ptr %xp, i64 3
  %v25 = load <4 x float>, ptr %v24, align 4
  %v26 = getelementptr float, ptr %wp, i64 2
  %v27 = load float, ptr %v26, align 4
  %v28 = insertelement <4 x float> poison, float %v27, i64 0
  %v29 = shufflevector <4 x float> %v28, <4 x float> poison, <4 x i32> zeroinitializer
  %v30 = getelementptr float, ptr %wp, i64 3
  %v31 = load float, ptr %v30, align 4
  %v32 = insertelement <4 x float> poison, float %v31, i64 0
  %v33 = shufflevector <4 x float> %v32, <4 x float> poison, <4 x i32> zeroinitializer
  %v34 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v25, <4 x float> %v29, <4 x float> %v22)
  %v35 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v25, <4 x float> %v33, <4 x float> %v23)
  %a0_0_0.next = bitcast <4 x float> %v34 to <4 x float>
  %a1_0_0.next = bitcast <4 x float> %v35 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 4
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v36 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v37 = phi <4 x float> [%v8, %enter], [%a1_0_0.next, %body]
  %v38 = mul i64 %y_channel, 0
  %v39 = getelementptr float, ptr %y, i64 %v38
  %v40 = mul i64 %y_channel, 1
  %v41 = getelementptr float, ptr %y, i64 %v40
  %v42 = icmp sle i64 %low, 0
  %v43 = icmp sge i64 %high, 4
  %v44 = and i1 %v42, %v43
  br i1 %v44, label %plain, label %masked
plain:
  %v45 = getelementptr float, ptr %v39, i64 0
  %v46 = load <4 x float>, ptr %v45, align 4
  %v47 = fadd <4 x float> %v36, %v46
  store <4 x float> %v47, ptr %v45, align 4
  %v48 = getelementptr float, ptr %v41, i64 0
  %v49 = load <4 x float>, ptr %v48, align 4
  %v50 = fadd <4 x float> %v37, %v49
  store <4 x float> %v50, ptr %v48, align 4
  br label %end
masked:
  %v51 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v52 = shufflevector <4 x i64> %v51, <4 x i64> poison, <4 x i32> zeroinitializer
  %v53 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v52
  %v54 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v55 = shufflevector <4 x i64> %v54, <4 x i64> poison, <4 x i32> zeroinitializer
  %v56 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v55
  %v57 = and <4 x i1> %v53, %v56
  %v58 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v59 = shufflevector <4 x i64> %v58, <4 x i64> poison, <4 x i32> zeroinitializer
  %v60 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v59
  %v61 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v62 = shufflevector <4 x i64> %v61, <4 x i64> poison, <4 x i32> zeroinitializer
  %v63 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v62
  %v64 = and <4 x i1> %v60, %v63
  %v65 = getelementptr float, ptr %v39, i64 0
  %v66 = call <4 x float> @llvm.masked.load.v4f32.p0(ptr %v65, i32 4, <4 x i1> %v64, <4 x float> zeroinitializer)
  %v67 = fadd <4 x float> %v36, %v66
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v67, ptr %v65, i32 4, <4 x i1> %v64)
  %v68 = getelementptr float, ptr %v41, i64 0
  %v69 = call <4 x float> @llvm.masked.load.v4f32.p0(ptr %v68, i32 4, <4 x i1> %v64, <4 x float> zeroinitializer)
  %v70 = fadd <4 x float> %v37, %v69
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v70, ptr %v68, i32 4, <4 x i1> %v64)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
